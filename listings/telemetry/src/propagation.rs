//! How context crosses from one process to the next.

use std::sync::Arc;

use http::HeaderMap;
use opentelemetry::propagation::{
    Extractor, TextMapCompositePropagator, TextMapPropagator,
};
use opentelemetry_sdk::propagation::BaggagePropagator;

use crate::{config::Propagators, trace_context::TraceContext};

/// Reads context out of a message and writes it into one.
pub type Propagator = Arc<dyn TextMapPropagator + Send + Sync>;

impl Propagators {
    pub(crate) fn build(self) -> TextMapCompositePropagator {
        let mut parts: Vec<Box<dyn TextMapPropagator + Send + Sync>> =
            Vec::new();
        if self.trace_context {
            parts.push(Box::new(TraceContext::default()));
        }
        if self.baggage {
            parts.push(Box::new(BaggagePropagator::new()));
        }
        TextMapCompositePropagator::new(parts)
    }
}

/// The headers of a received request, for a [`Propagator`] to read.
///
/// It differs from `opentelemetry_http::HeaderExtractor` in one thing: a value
/// that is not ASCII is handed over as an invalid one and not left out, so
/// that a strict propagator counts it.
#[derive(Debug)]
pub struct HeaderCarrier<'a>(pub &'a HeaderMap);

/// Stands for a header value that is not ASCII text.
const NOT_TEXT: &str = "\u{fffd}";

impl Extractor for HeaderCarrier<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|v| v.to_str().unwrap_or(NOT_TEXT))
    }

    fn get_all(&self, name: &str) -> Option<Vec<&str>> {
        let values = self.0.get_all(name).iter();
        let values: Vec<&str> =
            values.map(|v| v.to_str().unwrap_or(NOT_TEXT)).collect();
        (!values.is_empty()).then_some(values)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
