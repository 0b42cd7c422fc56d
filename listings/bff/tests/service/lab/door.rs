//! A door before a program. What comes while it is shut waits, so that the
//! test says what happens when, and not the speed of the machine.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::HeaderMap,
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::DEADLINE;

#[derive(Clone)]
pub(crate) struct Door(Arc<Passage>);

struct Passage {
    is_shut: AtomicBool,
    passes: Semaphore,
    /// How many have come since it was shut.
    came: AtomicUsize,
    /// How many are in, and have no answer yet.
    within: AtomicUsize,
    /// The headers of the last one that came.
    headers: Mutex<HeaderMap>,
}

/// One that is in, until it is dropped: a request ends with its caller.
struct Within<'a>(&'a AtomicUsize);

impl<'a> Within<'a> {
    fn enter(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, SeqCst);
        Self(count)
    }
}

impl Drop for Within<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Door {
    /// An open one.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Passage {
            is_shut: AtomicBool::new(false),
            passes: Semaphore::new(0),
            came: AtomicUsize::new(0),
            within: AtomicUsize::new(0),
            headers: Mutex::default(),
        }))
    }

    /// Puts it before all of `routes` but the faults, which a test has to
    /// reach at any time.
    pub(crate) fn before(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(self.clone(), pass))
    }

    /// Whoever comes from now on waits.
    pub(crate) fn shut(&self) {
        self.0.came.store(0, SeqCst);
        self.0.passes.forget_permits(Semaphore::MAX_PERMITS);
        self.0.is_shut.store(true, SeqCst);
    }

    /// Lets everybody in.
    pub(crate) fn open(&self) {
        self.0.is_shut.store(false, SeqCst);
        self.0.passes.add_permits(1_000);
    }

    /// Lets in whoever has waited the longest, and nobody else.
    pub(crate) fn let_one_in(&self) {
        self.0.passes.add_permits(1);
    }

    /// This header of the last request that came.
    pub(crate) fn header(&self, name: &str) -> String {
        let headers = self.0.headers.lock().unwrap();
        headers[name].to_str().unwrap().to_owned()
    }

    /// How many have come since it was shut.
    pub(crate) fn came(&self) -> usize {
        self.0.came.load(SeqCst)
    }

    /// Waits until so many have come since it was shut.
    pub(crate) async fn until_came(&self, count: usize) {
        until(|| self.came() >= count).await;
    }

    /// Waits until so many are in.
    pub(crate) async fn until_within(&self, count: usize) {
        until(|| self.0.within.load(SeqCst) == count).await;
    }
}

async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(DEADLINE, waiting).await.expect("somebody comes");
}

async fn pass(
    State(Door(door)): State<Door>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path() == "/faults" {
        return next.run(request).await;
    }
    *door.headers.lock().unwrap() = request.headers().clone();
    door.came.fetch_add(1, SeqCst);
    if door.is_shut.load(SeqCst) {
        door.passes.acquire().await.unwrap().forget();
    }
    let _within = Within::enter(&door.within);
    next.run(request).await
}
