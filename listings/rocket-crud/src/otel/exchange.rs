//! One request and its response, as a span and a metric point.
//!
//! Follows the [semantic conventions for HTTP][http], stable since 1.23.
//!
//! [http]: https://opentelemetry.io/docs/specs/semconv/http/

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanKind, Status as SpanStatus, TraceContextExt, Tracer},
};
use opentelemetry_semantic_conventions::attribute::{
    ERROR_TYPE, HTTP_REQUEST_METHOD, HTTP_RESPONSE_STATUS_CODE, HTTP_ROUTE,
    SERVER_ADDRESS, SERVER_PORT, URL_PATH, URL_SCHEME,
};
use rocket::{
    Request,
    http::{Method, Status},
};

use super::{instruments::Instruments, routes::Names};

/// How many routes have passed a request on to the next.
const ROCKET_FORWARDS: &str = "rocket.forwards";

/// A request under way. Rocket keeps it with the request, so it ends when
/// Rocket lets go of that: after the last byte of the response.
#[derive(Clone)]
pub(super) struct Exchange(Arc<Inner>);

struct Inner {
    instruments: Arc<Instruments>,
    /// `None` stands for one that Rocket does not know.
    method: Option<Method>,
    scheme: &'static str,
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

// ANCHOR: exchange
impl Exchange {
    /// Starts the clock for a request that Rocket understands.
    pub(super) fn received(
        instruments: &Arc<Instruments>,
        request: &Request<'_>,
    ) -> Self {
        let method = Some(request.method());
        let start = || Self::start(instruments, request, method);
        request.local_cache(start).clone()
    }

    /// The exchange of `request`. One that has none is malformed: its method
    /// is unknown, and Rocket has shown it to no fairing.
    pub(super) fn of(
        request: &Request<'_>,
        instruments: &Arc<Instruments>,
    ) -> Self {
        let start = || Self::start(instruments, request, None);
        request.local_cache(start).clone()
    }

    fn start(
        instruments: &Arc<Instruments>,
        request: &Request<'_>,
        method: Option<Method>,
    ) -> Self {
        let scheme = match request.rocket().config().tls_enabled() {
            true => "https",
            false => "http",
        };
        let inner = Inner {
            instruments: Arc::clone(instruments),
            method,
            scheme,
            parent: instruments.parent(request),
            started_at: SystemTime::now(),
            started: Instant::now(),
            so_far: Mutex::default(),
        };
        instruments.active.add(1, &inner.active());
        Self(Arc::new(inner))
    }
}
// ANCHOR_END: exchange

// ANCHOR: enter
impl Exchange {
    /// The context to handle `request` in, as the route of these names. The
    /// first to ask starts the span; a later one gives it its own name.
    pub(super) fn enter(
        &self,
        request: &Request<'_>,
        names: Option<Names>,
    ) -> Context {
        let mut so_far = self.0.so_far();
        let route = names.map(|names| names.route);
        so_far.route = route.or(so_far.route);
        let name = self.0.span_name(names);
        match &so_far.context {
            Some(context) => {
                if let Some(route) = route {
                    let span = context.span();
                    span.update_name(name);
                    span.set_attribute(KeyValue::new(HTTP_ROUTE, route));
                }
                context.clone()
            }
            None => {
                let context = self.0.span(request, name, route);
                so_far.context.insert(context).clone()
            }
        }
    }
}

impl Inner {
    fn span(
        &self,
        request: &Request<'_>,
        name: &'static str,
        route: Option<&'static str>,
    ) -> Context {
        let mut attributes = self.active().to_vec();
        let path = request.uri().path().as_str().to_owned();
        attributes.push(KeyValue::new(URL_PATH, path));
        attributes.extend(route.map(|r| KeyValue::new(HTTP_ROUTE, r)));
        if let Some(host) = request.host() {
            let name = host.domain().as_str().trim_matches(['[', ']']);
            attributes.push(KeyValue::new(SERVER_ADDRESS, name.to_owned()));
            let port = host.port().map(i64::from);
            attributes.extend(port.map(|p| KeyValue::new(SERVER_PORT, p)));
        }
        let span = self
            .instruments
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Server)
            .with_start_time(self.started_at)
            .with_attributes(attributes);
        let tracer = &self.instruments.tracer;
        let span = tracer.build_with_context(span, &self.parent);
        self.parent.with_span(span)
    }
}
// ANCHOR_END: enter

impl Inner {
    fn so_far(&self) -> MutexGuard<'_, SoFar> {
        // Nothing under this lock panics half way.
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn span_name(&self, names: Option<Names>) -> &'static str {
        match (self.method, names) {
            (None, _) => "HTTP",
            (Some(method), None) => method.as_str(),
            (Some(Method::Head), Some(names)) => names.head,
            (Some(_), Some(names)) => names.span,
        }
    }

    /// What counts a request among the active ones.
    fn active(&self) -> [KeyValue; 2] {
        let method = self.method.map_or("_OTHER", Method::as_str);
        [
            KeyValue::new(HTTP_REQUEST_METHOD, method),
            KeyValue::new(URL_SCHEME, self.scheme),
        ]
    }
}

// ANCHOR: outcomes
impl Exchange {
    /// Whether the response comes without its body.
    pub(super) fn is_head(&self) -> bool {
        self.0.method == Some(Method::Head)
    }

    /// The context, once the span has started.
    pub(super) fn context(&self) -> Context {
        self.0.so_far().context.clone().unwrap_or_default()
    }

    /// Takes note that a route has passed the request on.
    pub(super) fn forward(&self, status: Status) {
        let mut so_far = self.0.so_far();
        so_far.forwarded = Some(status);
        so_far.forwards += 1;
    }

    /// The status that the last route passed on, or 404 if none has matched.
    pub(super) fn forwarded(&self) -> Status {
        self.0.so_far().forwarded.unwrap_or(Status::NotFound)
    }

    /// Takes note of the response. Whichever comes last counts.
    pub(super) fn respond(&self, request: &Request<'_>, status: Status) {
        if self.0.so_far().context.is_none() {
            self.enter(request, None);
        }
        self.0.so_far().status = Some(status);
    }

    /// Takes note of an error by a name out of a small set.
    pub(super) fn fail(&self, error: &'static str) {
        self.0.so_far().error.get_or_insert(error.into());
    }
}
// ANCHOR_END: outcomes

// ANCHOR: exchange-end
impl Drop for Inner {
    fn drop(&mut self) {
        let mut so_far = std::mem::take(&mut *self.so_far());
        let mut point = self.active().to_vec();
        self.instruments.active.add(-1, &point);
        if let Some(status) = so_far.status {
            if status.class().is_server_error() {
                let code = || status.code.to_string().into();
                so_far.error.get_or_insert_with(code);
            }
            let code = i64::from(status.code);
            point.push(KeyValue::new(HTTP_RESPONSE_STATUS_CODE, code));
        }
        let failed = so_far.error.is_some();
        point.extend(so_far.error.map(|e| KeyValue::new(ERROR_TYPE, e)));
        if let Some(context) = so_far.context {
            let span = context.span();
            if span.is_recording() {
                // Method and scheme have been there from the start.
                span.set_attributes(point[2..].iter().cloned());
                if so_far.forwards > 0 {
                    let forwards = so_far.forwards;
                    span.set_attribute(KeyValue::new(
                        ROCKET_FORWARDS,
                        forwards,
                    ));
                }
                if failed {
                    span.set_status(SpanStatus::error(""));
                }
            }
            span.end();
        }
        point.extend(so_far.route.map(|r| KeyValue::new(HTTP_ROUTE, r)));
        let seconds = self.started.elapsed().as_secs_f64();
        self.instruments.duration.record(seconds, &point);
    }
}
// ANCHOR_END: exchange-end
