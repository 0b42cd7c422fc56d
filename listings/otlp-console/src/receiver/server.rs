//! The thread on which a receiver listens.

use crate::{
    limits::Limits,
    otlp::{self, Arrival, Closed, Room, Sink},
    sockets::{Sockets, StartError},
    store::Store,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};
use tokio::{
    runtime,
    sync::{oneshot, watch},
};

/// What the listening thread and the test share.
pub(super) struct Shared {
    store: Mutex<Store>,
    /// Changes with every request.
    pub(super) arrivals: watch::Sender<()>,
}

impl Shared {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            store: Mutex::new(Store::new(limits)),
            arrivals: watch::Sender::new(()),
        }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        // No code under the lock leaves the store half changed.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Arc<Shared> {
    async fn deliver(
        &self,
        arrival: Arrival,
        _room: Room,
    ) -> Result<(), Closed> {
        self.store().insert(arrival);
        self.arrivals.send_replace(());
        Ok(())
    }
}

/// A running thread; dropping it ends the thread and waits for its end.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(
        sockets: Sockets,
        limits: Limits,
        shared: Arc<Shared>,
    ) -> Result<Self, StartError> {
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    Err(error) = otlp::serve(sockets, limits, shared) => {
                        eprintln!("the OTLP receiver stopped: {error}");
                    }
                    _ = stopped => {}
                }
            });
        };
        let thread = thread::Builder::new()
            .name("otlp-receiver".to_owned())
            .spawn(serve)
            .map_err(StartError::Thread)?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread holds no data; a panic of it has been printed.
            _ = thread.join();
        }
    }
}
