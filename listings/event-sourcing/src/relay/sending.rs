//! The spans and the metric of messages that leave.

use std::time::Instant;

use opentelemetry::{
    KeyValue,
    metrics::Histogram,
    trace::{Link, Span, SpanKind, Status, Tracer},
};
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};
use opentelemetry_semantic_conventions::{
    attribute::{
        ERROR_TYPE, MESSAGING_MESSAGE_CONVERSATION_ID, MESSAGING_MESSAGE_ID,
        MESSAGING_OPERATION_NAME, MESSAGING_OPERATION_TYPE,
    },
    metric::MESSAGING_CLIENT_OPERATION_DURATION,
};
use telemetry::{Propagator, Telemetry};

use crate::store::{Metadata, RecordedEvent};

/// Upper bounds in seconds, as the conventions advise.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
    10.0,
];

/// The telemetry of the relay.
#[derive(Debug)]
pub(super) struct Signals {
    tracer: SdkTracer,
    propagator: Propagator,
    duration: Histogram<f64>,
    common: Vec<KeyValue>,
}

impl Signals {
    pub(super) fn new(
        telemetry: &Telemetry,
        mut common: Vec<KeyValue>,
    ) -> Self {
        let meter = telemetry.meter("event_sourcing.relay");
        common.push(KeyValue::new(MESSAGING_OPERATION_NAME, "publish"));
        common.push(KeyValue::new(MESSAGING_OPERATION_TYPE, "send"));
        Self {
            tracer: telemetry.tracer("event_sourcing.relay"),
            propagator: telemetry.propagator().clone(),
            duration: meter
                .f64_histogram(MESSAGING_CLIENT_OPERATION_DURATION)
                .with_unit("s")
                .with_description("How long until JetStream had a message.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            common,
        }
    }
}

/// A message under way. It ends once: acknowledged, failed or given up.
pub(super) struct Sending<'a> {
    signals: &'a Signals,
    span: SdkSpan,
    clock: Instant,
    ended: bool,
}

// ANCHOR: publish-span
impl Signals {
    /// A CLIENT span and not a PRODUCER one: the message was made long ago,
    /// by the span that wrote the event. To that one this span is linked, and
    /// so will be the consumer's.
    pub(super) fn start(
        &self,
        event: &RecordedEvent,
        metadata: &Metadata,
    ) -> Sending<'_> {
        let mut attributes = self.common.clone();
        attributes.extend([
            KeyValue::new(MESSAGING_MESSAGE_ID, event.event_id.to_string()),
            KeyValue::new(
                MESSAGING_MESSAGE_CONVERSATION_ID,
                metadata.correlation_id.to_string(),
            ),
        ]);
        let producer = metadata.producer(&self.propagator);
        let span = self
            .tracer
            .span_builder("publish bank.account")
            .with_kind(SpanKind::Client)
            .with_attributes(attributes)
            .with_links(vec![Link::with_context(producer)]);
        Sending {
            signals: self,
            span: self.tracer.build(span),
            clock: Instant::now(),
            ended: false,
        }
    }
}
// ANCHOR_END: publish-span

impl Sending<'_> {
    pub(super) fn end(mut self, error: Option<&'static str>) {
        self.close(error);
    }

    fn close(&mut self, error: Option<&'static str>) {
        self.ended = true;
        let mut point = self.signals.common.clone();
        if let Some(error) = error {
            let error = KeyValue::new(ERROR_TYPE, error);
            self.span.set_attribute(error.clone());
            self.span.set_status(Status::error(""));
            point.push(error);
        }
        self.span.end();
        let seconds = self.clock.elapsed().as_secs_f64();
        self.signals.duration.record(seconds, &point);
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.close(Some("cancelled"));
        }
    }
}
