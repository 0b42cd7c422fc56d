//! What all requests share.

use std::sync::Arc;

use opentelemetry::{
    Context,
    metrics::{Histogram, Meter},
    propagation::TextMapPropagator,
};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::metric::HTTP_SERVER_REQUEST_DURATION;
use rocket::{Request, http::Header};

use super::{active::Active, headers::HeaderCarrier};

/// Reads the caller's context out of a request.
pub type Propagator = Arc<dyn TextMapPropagator + Send + Sync>;

/// Upper bounds of the buckets in seconds, as the conventions advise.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
    10.0,
];

#[derive(Debug)]
pub(super) struct Instruments {
    pub(super) tracer: SdkTracer,
    pub(super) duration: Histogram<f64>,
    pub(super) active: Arc<Active>,
    propagator: Propagator,
    /// The headers without which there is nothing to read.
    fields: Vec<String>,
}

impl Instruments {
    pub(super) fn new(
        tracer: SdkTracer,
        meter: &Meter,
        propagator: Propagator,
    ) -> Self {
        // No `tracestate` means anything without a `traceparent`.
        let fields = propagator.fields().filter(|name| *name != "tracestate");
        Self {
            fields: fields.map(str::to_owned).collect(),
            tracer,
            duration: meter
                .f64_histogram(HTTP_SERVER_REQUEST_DURATION)
                .with_unit("s")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            active: Active::observed_by(meter),
            propagator,
        }
    }

    /// The caller's context, if the request names one.
    pub(super) fn parent(&self, request: &Request<'_>) -> Context {
        let root = Context::new();
        let headers = request.headers();
        // A request has few headers: to look at all of them is faster than to
        // look one up by its hash.
        let is_field = |header: Header<'_>| {
            self.fields.iter().any(|name| header.name() == name)
        };
        match headers.iter().any(is_field) {
            true => self
                .propagator
                .extract_with_context(&root, &HeaderCarrier(headers)),
            false => root,
        }
    }
}
