//! Context for work that leaves the current task or thread.
//!
//! Three things are current in a program: the OpenTelemetry context, the
//! `tracing` span and, in a test, a subscriber that is not the process's. None
//! of them crosses `tokio::spawn`, `spawn_blocking`, `std::thread::spawn` or a
//! rayon pool by itself. This module takes all three along.
//!
//! ```
//! # async fn example() -> Result<(), tokio::task::JoinError> {
//! use telemetry::carry;
//!
//! tokio::spawn(carry::future(async { tracing::info!("in the same trace") }));
//! tokio::task::spawn_blocking(carry::closure(|| 40 + 2)).await?;
//! # Ok(())
//! # }
//! ```

use opentelemetry::{Context, context::FutureExt};
use tracing::{
    Dispatch, Span, dispatcher,
    instrument::{Instrument, WithSubscriber},
};

// ANCHOR: carry
/// Runs `future`, wherever it is polled, in the context of this call.
pub fn future<F: Future>(future: F) -> impl Future<Output = F::Output> {
    // From the inside out. To enter the tracing span also activates the
    // context of that span, so the context that is current comes after it.
    future
        .with_current_context()
        .instrument(Span::current())
        .with_current_subscriber()
}

/// Runs `work`, on whichever thread it is called, in the context of this call.
pub fn closure<R>(work: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let here = Here::capture();
    move || here.run(work)
}
// ANCHOR_END: carry

// ANCHOR: carry-here
/// What is current now, for work that is called many times or on many
/// threads, such as the closure of a parallel iterator.
#[derive(Clone, Debug)]
pub struct Here {
    subscriber: Dispatch,
    span: Span,
    context: Context,
}

impl Here {
    /// Takes note of what is current.
    pub fn capture() -> Self {
        Self {
            subscriber: dispatcher::get_default(Clone::clone),
            span: Span::current(),
            context: Context::current(),
        }
    }

    /// Does `work` as if it were still there.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        dispatcher::with_default(&self.subscriber, || {
            let _entered = self.span.enter();
            let _attached = self.context.clone().attach();
            work()
        })
    }
}
// ANCHOR_END: carry-here
