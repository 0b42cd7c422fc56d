//! What one looks at to see whether the service keeps up.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram},
};
use opentelemetry_semantic_conventions::{
    attribute::ERROR_TYPE, metric::MESSAGING_PROCESS_DURATION,
};
use telemetry::Telemetry;

/// Upper bounds in seconds, as the conventions advise.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
    10.0,
];

#[derive(Debug)]
pub(super) struct Instruments {
    duration: Histogram<f64>,
    messages: Counter<u64>,
    common: Vec<KeyValue>,
}

impl Instruments {
    pub(super) fn new(telemetry: &Telemetry, common: Vec<KeyValue>) -> Self {
        let meter = telemetry.meter("event_sourcing.turnover");
        Self {
            duration: meter
                .f64_histogram(MESSAGING_PROCESS_DURATION)
                .with_unit("s")
                .with_description("How long a message took.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            messages: meter
                .u64_counter("es.inbox.messages")
                .with_unit("{message}")
                .with_description("What became of messages.")
                .build(),
            common,
        }
    }

    pub(super) fn processed(
        &self,
        outcome: &'static str,
        error: Option<&'static str>,
        took: Duration,
    ) {
        let outcome = KeyValue::new("es.inbox.outcome", outcome);
        self.messages.add(1, &[outcome]);
        let mut point = self.common.clone();
        point.extend(error.map(|error| KeyValue::new(ERROR_TYPE, error)));
        self.duration.record(took.as_secs_f64(), &point);
    }
}
