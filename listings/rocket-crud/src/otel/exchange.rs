//! One request and its response, as a span and a metric point.
//!
//! Follows the [semantic conventions for HTTP][http], stable since 1.23.
//!
//! [http]: https://opentelemetry.io/docs/specs/semconv/http/

mod end;
mod span;

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Instant, SystemTime},
};

use opentelemetry::Context;
use rocket::{
    Request,
    http::{Method, Status},
};

use super::{active::Kind, instruments::Instruments};

// ANCHOR: exchange
/// A request under way. Rocket keeps it with the request, so it ends when
/// Rocket lets go of that: after the last byte of the response.
pub(super) struct Exchange {
    instruments: Arc<Instruments>,
    kind: Kind,
    parent: Context,
    started_at: SystemTime,
    started: Instant,
    so_far: Mutex<SoFar>,
}

/// What is known of a request so far.
#[derive(Default)]
struct SoFar {
    context: Option<Context>,
    route: Option<&'static str>,
    forwarded: Option<Status>,
    forwards: i64,
    status: Option<Status>,
    error: Option<Cow<'static, str>>,
}
// ANCHOR_END: exchange

// ANCHOR: received
impl Exchange {
    /// Starts the clock for a request that Rocket understands.
    pub(super) fn received(
        instruments: &Arc<Instruments>,
        request: &Request<'_>,
    ) {
        let method = Some(request.method());
        let start = || Self::start(instruments, request, method);
        kept(request).get_or_init(start);
    }

    /// The exchange of `request`. One that has none is malformed: its method
    /// is unknown, and Rocket has shown it to no fairing.
    pub(super) fn of<'r>(
        request: &'r Request<'_>,
        instruments: &Arc<Instruments>,
    ) -> &'r Self {
        let start = || Self::start(instruments, request, None);
        kept(request).get_or_init(start)
    }

    /// The exchange of `request`, if there is one yet. To ask begins none.
    pub(super) fn begun<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        kept(request).get()
    }
}

/// Rocket's cache makes what it is asked for: here, room for an exchange.
fn kept<'r>(request: &'r Request<'_>) -> &'r OnceLock<Exchange> {
    request.local_cache(OnceLock::new)
}
// ANCHOR_END: received

impl Exchange {
    fn start(
        instruments: &Arc<Instruments>,
        request: &Request<'_>,
        method: Option<Method>,
    ) -> Self {
        let is_tls = request.rocket().config().tls_enabled();
        let kind = Kind { method, is_tls };
        instruments.active.begin(kind);
        Self {
            instruments: Arc::clone(instruments),
            kind,
            parent: instruments.parent(request),
            started_at: SystemTime::now(),
            started: Instant::now(),
            so_far: Mutex::default(),
        }
    }

    /// Whether the response comes without its body.
    pub(super) fn is_head(&self) -> bool {
        self.kind.method == Some(Method::Head)
    }

    /// The context, once the span has started.
    pub(super) fn context(&self) -> Context {
        self.so_far().context.clone().unwrap_or_default()
    }

    fn so_far(&self) -> MutexGuard<'_, SoFar> {
        // Nothing under this lock panics half way.
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
