//! What the server has to say about time, for the browser's own tools.

use std::fmt::Write;

use axum::{http::HeaderValue, response::Response};
use opentelemetry::{Context, trace::TraceContextExt};

use crate::clients::Timeline;

const SERVER_TIMING: &str = "server-timing";

// ANCHOR: server-timing
/// Adds `Server-Timing` (W3C): a metric per call, with its start in `desc`,
/// and the trace, by which a person on the telephone finds it.
pub(super) fn add(mut response: Response, timeline: &Timeline) -> Response {
    let mut value = String::new();
    for call in timeline.calls() {
        let start = call.start.as_secs_f64() * 1_000.0;
        let took = call.took.as_secs_f64() * 1_000.0;
        // Writing to a string cannot fail.
        let _ = write!(
            value,
            "{};dur={took:.1};desc=\"{start:.1}\", ",
            call.backend
        );
    }
    let context = Context::current();
    let trace_id = context.span().span_context().trace_id();
    let _ = write!(value, "trace;desc=\"{trace_id}\"");
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(SERVER_TIMING, value);
    }
    response
}
// ANCHOR_END: server-timing
