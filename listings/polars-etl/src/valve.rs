//! A valve in the stream of rows.
//!
//! Polars 0.55 offers no way to stop a query that runs: to drop it early makes
//! one of its threads panic. So a query that may have to be stopped has a valve
//! behind each of its sources. When the valve is shut, the next piece of rows
//! is an error, and the engine ends the query as it ends any that fails.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use polars::prelude::{LazyFrame, OptFlags, PolarsError};

use crate::memory;

/// How often to look at what is allocated.
const PAUSE: Duration = Duration::from_millis(5);

/// Open until it is shut, and then for ever shut.
#[derive(Clone, Debug, Default)]
pub struct Valve(Arc<AtomicBool>);

impl Valve {
    /// Lets no more rows through.
    pub fn shut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it lets no more rows through.
    pub fn is_shut(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The same rows, for as long as the valve is open. Filters and choices of
    /// columns are still pushed down to the source.
    pub fn on(&self, rows: LazyFrame) -> LazyFrame {
        let valve = self.clone();
        let transparent = OptFlags::PREDICATE_PUSHDOWN
            | OptFlags::PROJECTION_PUSHDOWN
            | OptFlags::STREAMING;
        let check = move |rows| match valve.is_shut() {
            false => Ok(rows),
            true => Err(PolarsError::ComputeError("stopped".into())),
        };
        rows.map(check, transparent, None, Some("valve"))
    }
}

/// Shuts a valve when too much memory is allocated, until it is dropped.
#[derive(Debug)]
pub struct Budget {
    /// Closed when this is dropped, which ends the thread.
    done: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Budget {
    /// Watches over `bytes`, on a thread of its own.
    pub fn watch(bytes: u64, valve: &Valve) -> Self {
        let (done, ended) = mpsc::channel();
        let valve = valve.clone();
        let watch = thread::spawn(move || {
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                // Where nobody counts, there is no budget to keep.
                let Ok(allocated) = memory::allocated() else {
                    return;
                };
                if allocated > bytes {
                    valve.shut();
                }
            }
        });
        Self {
            done: Some(done),
            watch: Some(watch),
        }
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.done.take();
        if let Some(watch) = self.watch.take() {
            // It has nothing to say, and does not panic.
            let _ = watch.join();
        }
    }
}
