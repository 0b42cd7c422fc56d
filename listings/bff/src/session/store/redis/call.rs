//! A span and a measurement for each command.

use std::time::Instant;

use opentelemetry::{
    Context, KeyValue,
    metrics::Histogram,
    trace::{SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::{
    attribute::{
        DB_NAMESPACE, DB_OPERATION_NAME, DB_SYSTEM_NAME, ERROR_TYPE,
        SERVER_ADDRESS, SERVER_PORT,
    },
    metric::DB_CLIENT_OPERATION_DURATION,
};
use telemetry::Telemetry;

use super::StoreError;

/// In seconds, as the conventions advise.
const BOUNDARIES: [f64; 9] =
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

// ANCHOR: calls
/// Gives every command a client span. It has the command's name, and none of
/// its arguments: a key leads to a session, and a value is one.
pub(super) struct Calls {
    tracer: SdkTracer,
    duration: Histogram<f64>,
    common: Vec<KeyValue>,
}
// ANCHOR_END: calls

impl Calls {
    pub(super) fn new(
        telemetry: &Telemetry,
        (address, port, database): (String, u16, i64),
    ) -> Self {
        let duration = telemetry
            .meter("bff.session.store")
            .f64_histogram(DB_CLIENT_OPERATION_DURATION)
            .with_unit("s")
            .with_description("Duration of database client operations.")
            .with_boundaries(BOUNDARIES.to_vec())
            .build();
        Self {
            tracer: telemetry.tracer("bff.session.store"),
            duration,
            common: vec![
                KeyValue::new(DB_SYSTEM_NAME, "redis"),
                KeyValue::new(DB_NAMESPACE, database.to_string()),
                KeyValue::new(SERVER_ADDRESS, address),
                KeyValue::new(SERVER_PORT, i64::from(port)),
            ],
        }
    }

    pub(super) fn start(&self, name: &'static str) -> Call<'_> {
        let mut point = self.common.clone();
        point.push(KeyValue::new(DB_OPERATION_NAME, name));
        let span = self
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Client)
            .with_attributes(point.clone());
        let parent = Context::current();
        let span = self.tracer.build_with_context(span, &parent);
        Call {
            calls: self,
            context: parent.with_span(span),
            point,
            clock: Instant::now(),
            ended: false,
        }
    }
}

/// A command under way. It ends once, when it is answered or given up.
pub(super) struct Call<'a> {
    calls: &'a Calls,
    context: Context,
    point: Vec<KeyValue>,
    clock: Instant,
    ended: bool,
}

impl Call<'_> {
    pub(super) fn end(mut self, error: Option<StoreError>) {
        if let Some(error) = error {
            // The log belongs to this span, and not to the request's.
            let _here = self.context.clone().attach();
            tracing::warn!(
                name: "session_store.failed",
                { error.type = error.name() },
                "the store of sessions gave no answer: {error}"
            );
            self.context.span().set_status(Status::error(""));
        }
        self.close(error.map(StoreError::name));
    }

    fn close(&mut self, error: Option<&'static str>) {
        self.ended = true;
        let error = error.map(|name| KeyValue::new(ERROR_TYPE, name));
        let span = self.context.span();
        if let Some(error) = &error {
            span.set_attribute(error.clone());
        }
        span.end();
        self.point.extend(error);
        let seconds = self.clock.elapsed().as_secs_f64();
        self.calls.duration.record(seconds, &self.point);
    }
}

impl Drop for Call<'_> {
    /// Nobody waits for the answer any more: that is no error.
    fn drop(&mut self) {
        if !self.ended {
            self.close(Some("cancelled"));
        }
    }
}
