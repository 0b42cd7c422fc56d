//! What subscribers tell about themselves: spans, metrics, and why they
//! stopped.

use std::{
    collections::HashSet,
    time::{Instant, SystemTime},
};

use opentelemetry::{
    Context, KeyValue,
    metrics::{Counter, Histogram},
    trace::{Link, SpanContext, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::{
    attribute::{
        ERROR_TYPE, MESSAGING_BATCH_MESSAGE_COUNT,
        MESSAGING_CONSUMER_GROUP_NAME, MESSAGING_DESTINATION_NAME,
        MESSAGING_OPERATION_NAME, MESSAGING_OPERATION_TYPE, MESSAGING_SYSTEM,
    },
    metric::MESSAGING_PROCESS_DURATION,
};
use telemetry::{Propagator, Telemetry};

use super::{
    Asked, checkpoint::Checkpoint, rebuild::Progress, runner::Trouble,
};
use crate::store::{FeedCursor, RecordedEvent, STREAM_TYPE};

/// Upper bounds in seconds, as the conventions advise.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
    10.0,
];

/// The telemetry of all subscribers of a process.
#[derive(Debug)]
pub(super) struct Signals {
    tracer: SdkTracer,
    propagator: Propagator,
    duration: Histogram<f64>,
    processed: Counter<u64>,
    failed: Counter<u64>,
}

impl Signals {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        let meter = telemetry.meter("event_sourcing.projections");
        Self {
            tracer: telemetry.tracer("event_sourcing.projections"),
            propagator: telemetry.propagator().clone(),
            duration: meter
                .f64_histogram(MESSAGING_PROCESS_DURATION)
                .with_unit("s")
                .with_description("How long a page of events took.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            processed: meter
                .u64_counter("es.projection.processed")
                .with_unit("{event}")
                .with_description("Events that were processed.")
                .build(),
            failed: meter
                .u64_counter("es.projection.failed")
                .with_unit("{event}")
                .with_description("Events that stopped a projection.")
                .build(),
        }
    }
}

/// A page that is being processed.
pub(super) struct Processing {
    pub(super) context: Context,
    clock: Instant,
}

// ANCHOR: process-span
impl Signals {
    /// A trace of its own, which began when the page was looked for, with a
    /// link to each span that wrote an event of the page.
    pub(super) fn start(
        &self,
        checkpoint: &Checkpoint,
        page: &[RecordedEvent],
        started: SystemTime,
    ) -> Processing {
        let mut seen = HashSet::new();
        let links = page
            .iter()
            .filter_map(|event| event.metadata().ok())
            .map(|metadata| metadata.producer(&self.propagator))
            .filter(|producer| producer.is_valid())
            .filter(|it| seen.insert((it.trace_id(), it.span_id())))
            .map(|producer| Link::new(producer, Vec::new(), 0));
        let count = page.len() as i64;
        let mut attributes = messaging(checkpoint);
        attributes.extend(projection(checkpoint));
        attributes.extend([
            KeyValue::new(MESSAGING_OPERATION_TYPE, "process"),
            KeyValue::new(MESSAGING_BATCH_MESSAGE_COUNT, count),
            KeyValue::new("es.checkpoint.before", place(checkpoint.cursor)),
        ]);
        let span = self
            .tracer
            .span_builder("process account")
            .with_kind(SpanKind::Consumer)
            .with_start_time(started)
            .with_links(links.collect())
            .with_attributes(attributes);
        let root = Context::new();
        let span = self.tracer.build_with_context(span, &root);
        Processing {
            context: root.with_span(span),
            clock: Instant::now(),
        }
    }
}
// ANCHOR_END: process-span

fn messaging(checkpoint: &Checkpoint) -> Vec<KeyValue> {
    vec![
        KeyValue::new(MESSAGING_SYSTEM, "postgresql"),
        KeyValue::new(MESSAGING_OPERATION_NAME, "process"),
        KeyValue::new(MESSAGING_DESTINATION_NAME, STREAM_TYPE),
        KeyValue::new(MESSAGING_CONSUMER_GROUP_NAME, checkpoint.name.clone()),
    ]
}

fn projection(checkpoint: &Checkpoint) -> [KeyValue; 2] {
    let revision = i64::from(checkpoint.revision);
    [
        KeyValue::new("es.projection.name", checkpoint.name.clone()),
        KeyValue::new("es.projection.revision", revision),
    ]
}

fn place(cursor: FeedCursor) -> String {
    format!("{}:{}", cursor.tx_id, cursor.position)
}

impl Signals {
    /// Ends the span of a page, after which the subscriber is at
    /// `checkpoint`.
    pub(super) fn end(
        &self,
        processing: Processing,
        checkpoint: &Checkpoint,
        result: &Result<(), Trouble>,
    ) {
        let span = processing.context.span();
        let after = place(checkpoint.cursor);
        span.set_attribute(KeyValue::new("es.checkpoint.after", after));
        let mut point = messaging(checkpoint);
        if let Err(trouble) = result {
            point.push(KeyValue::new(ERROR_TYPE, trouble.reason()));
        }
        let seconds = processing.clock.elapsed().as_secs_f64();
        self.duration.record(seconds, &point);
        self.close(&processing.context, checkpoint, result);
    }

    pub(super) fn processed(&self, checkpoint: &Checkpoint, events: usize) {
        self.processed.add(events as u64, &projection(checkpoint));
    }

    // A page or a rebuild ends.
    fn close(
        &self,
        context: &Context,
        checkpoint: &Checkpoint,
        result: &Result<(), Trouble>,
    ) {
        let span = context.span();
        if let Err(trouble) = result {
            let reason = trouble.reason();
            span.set_attribute(KeyValue::new(ERROR_TYPE, reason));
            span.set_status(Status::error(""));
        }
        if let Err(Trouble::Poison { reason, why }) = result {
            self.failed.add(1, &projection(checkpoint));
            let _current = context.clone().attach();
            tracing::error!(
                name: "projection.stopped",
                {
                    es.projection.name = checkpoint.name,
                    es.projection.revision = checkpoint.revision,
                    error.type = reason,
                },
                "the projection stops at an event it cannot process: {why}"
            );
        }
        span.end();
    }
}

// ANCHOR: rebuild-span
impl Signals {
    /// A rebuild, linked to the span that asked for it, if it was one of this
    /// process.
    pub(super) fn start_rebuild(
        &self,
        building: &Checkpoint,
        asked: Option<Asked>,
    ) -> Context {
        let asked = asked
            .filter(|asked| asked.revision == building.revision)
            .map(|asked| asked.by)
            .filter(SpanContext::is_valid);
        let links = asked.map(|by| Link::new(by, Vec::new(), 0));
        let span = self
            .tracer
            .span_builder(format!("rebuild {}", building.name))
            .with_kind(SpanKind::Internal)
            .with_links(links.into_iter().collect())
            .with_attributes(projection(building));
        let root = Context::new();
        let span = self.tracer.build_with_context(span, &root);
        root.with_span(span)
    }

    pub(super) fn end_rebuild(
        &self,
        context: &Context,
        building: &Checkpoint,
        progress: &Progress,
        result: &Result<(), Trouble>,
    ) {
        let span = context.span();
        span.set_attribute(KeyValue::new("es.rebuild.events", progress.events));
        span.set_attribute(KeyValue::new("es.rebuild.pages", progress.pages));
        self.close(context, building, result);
    }
}
// ANCHOR_END: rebuild-span
