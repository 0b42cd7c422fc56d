//! Which call ran when, for the client's own picture of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

// ANCHOR: timeline
/// The calls of one request, in the order of their ends.
#[derive(Clone, Debug)]
pub struct Timeline {
    began: Instant,
    calls: Arc<Mutex<Vec<Timing>>>,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Whom it went to.
    pub backend: &'static str,
    /// When it began, after the request.
    pub start: Duration,
    /// How long it took.
    pub took: Duration,
}

// ANCHOR_END: timeline

impl Default for Timeline {
    /// One that begins now.
    fn default() -> Self {
        Self {
            began: Instant::now(),
            calls: Arc::default(),
        }
    }
}

// ANCHOR: timeline-note
impl Timeline {
    /// Runs a call and takes note of it. A call that is dropped leaves none.
    pub(super) async fn note<F: Future>(
        &self,
        backend: &'static str,
        call: F,
    ) -> F::Output {
        let start = self.began.elapsed();
        let output = call.await;
        let took = self.began.elapsed() - start;
        let calls = self.calls.lock();
        calls.unwrap_or_else(PoisonError::into_inner).push(Timing {
            backend,
            start,
            took,
        });
        output
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<Timing> {
        let calls = self.calls.lock();
        calls.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
// ANCHOR_END: timeline-note
