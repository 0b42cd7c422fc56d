//! One HTTP request and its response, as a span and a metric point.
//!
//! Follows the [semantic conventions for HTTP][http], stable since 1.23.
//!
//! [http]: https://opentelemetry.io/docs/specs/semconv/http/

use std::{borrow::Cow, thread, time::Instant};

use http::{Method, StatusCode, Version};
use opentelemetry::{
    Context, KeyValue,
    metrics::{Histogram, Meter},
    trace::{SpanBuilder, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::attribute::{
    ERROR_TYPE, HTTP_REQUEST_METHOD, HTTP_REQUEST_METHOD_ORIGINAL,
    HTTP_RESPONSE_STATUS_CODE, NETWORK_PROTOCOL_VERSION,
};

/// Upper bounds of the buckets in seconds, as the conventions advise.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
    10.0,
];

/// The histogram `http.server.request.duration` or its client counterpart.
pub(crate) fn duration_histogram(
    meter: &Meter,
    name: &'static str,
) -> Histogram<f64> {
    meter
        .f64_histogram(name)
        .with_unit("s")
        .with_boundaries(SECONDS.to_vec())
        .build()
}

/// A request under way. However it ends, by [`Exchange::end`] or by being
/// dropped, it ends once: with one span and one point.
#[derive(Debug)]
pub(crate) struct Exchange {
    context: Context,
    started: Instant,
    duration: Histogram<f64>,
    point: Vec<KeyValue>,
    error: Option<Cow<'static, str>>,
    is_call: bool,
    ended: bool,
}

impl Exchange {
    /// Starts the span. `point` has the attributes of the metric so far.
    pub(crate) fn start(
        tracer: &SdkTracer,
        parent: &Context,
        span: SpanBuilder,
        duration: &Histogram<f64>,
        point: Vec<KeyValue>,
    ) -> Self {
        let is_call = span.span_kind == Some(SpanKind::Client);
        let span = tracer.build_with_context(span, parent);
        Self {
            context: parent.with_span(span),
            started: Instant::now(),
            duration: duration.clone(),
            point,
            error: None,
            is_call,
            ended: false,
        }
    }

    /// The context in which the request is worked on.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }
}

// ANCHOR: exchange-end
impl Exchange {
    /// Takes note of the response.
    pub(crate) fn respond(&mut self, status: StatusCode, is_error: bool) {
        let code = i64::from(status.as_u16());
        self.note(KeyValue::new(HTTP_RESPONSE_STATUS_CODE, code));
        if is_error {
            self.fail(status.as_str().to_owned());
        }
    }

    /// Takes note of an error by a name out of a small set.
    pub(crate) fn fail(&mut self, error: impl Into<Cow<'static, str>>) {
        self.error.get_or_insert_with(|| error.into());
    }

    /// Ends the span and records the duration.
    pub(crate) fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        if let Some(error) = self.error.take() {
            self.note(KeyValue::new(ERROR_TYPE, error));
            self.context.span().set_status(Status::error(""));
        }
        self.context.span().end();
        let seconds = self.started.elapsed().as_secs_f64();
        self.duration.record(seconds, &self.point);
    }

    /// Adds an attribute to the span and to the metric point.
    pub(crate) fn note(&mut self, attribute: KeyValue) {
        self.context.span().set_attribute(attribute.clone());
        self.point.push(attribute);
    }
}
// ANCHOR_END: exchange-end

// ANCHOR: exchange-drop
impl Drop for Exchange {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        match thread::panicking() {
            true => self.fail("panic"),
            // To give a call up is a decision, and no error.
            false if self.is_call => {
                self.note(KeyValue::new(ERROR_TYPE, "cancelled"));
            }
            false => self.fail("cancelled"),
        }
        self.end();
    }
}
// ANCHOR_END: exchange-drop

/// The method as an attribute, for span and metric: one of a small set.
pub(crate) fn method(method: &Method) -> KeyValue {
    let name = known_method(method).unwrap_or("_OTHER");
    KeyValue::new(HTTP_REQUEST_METHOD, name)
}

/// What the client sent in place of a known method, cut to 32 characters.
pub(crate) fn original_method(method: &Method) -> Option<KeyValue> {
    let unknown = known_method(method).is_none();
    let original: String = method.as_str().chars().take(32).collect();
    unknown.then(|| KeyValue::new(HTTP_REQUEST_METHOD_ORIGINAL, original))
}

/// `GET /users/{id}`; `HTTP` stands for an unknown method.
pub(crate) fn span_name(method: &Method, target: Option<&str>) -> String {
    let method = known_method(method).unwrap_or("HTTP");
    match target {
        Some(target) => format!("{method} {target}"),
        None => method.to_owned(),
    }
}

/// The methods of RFC 9110, PATCH of RFC 5789 and QUERY.
fn known_method(method: &Method) -> Option<&'static str> {
    const KNOWN: [&str; 10] = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE",
        "PATCH", "QUERY",
    ];
    KNOWN.into_iter().find(|known| *known == method.as_str())
}

/// The version of HTTP, if it is a known one.
pub(crate) fn version(version: Version) -> Option<KeyValue> {
    let name = match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => return None,
    };
    Some(KeyValue::new(NETWORK_PROTOCOL_VERSION, name))
}
