//! The numbers by which one runs this program. No id is ever an attribute.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, Meter},
};
use telemetry::Telemetry;

use crate::store::{AppendError, NewEvent, STREAM_TYPE};

/// Upper bounds in seconds.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];

// ANCHOR: instruments
/// Everything the write side counts and measures.
#[derive(Debug)]
pub struct Instruments {
    command_duration: Histogram<f64>,
    command_attempts: Histogram<u64>,
    appended: Counter<u64>,
    conflicts: Counter<u64>,
    replayed_events: Histogram<u64>,
    snapshot_used: Counter<u64>,
    snapshot_missed: Counter<u64>,
    snapshot_invalid: Counter<u64>,
    snapshot_written: Counter<u64>,
    replayed_keys: Counter<u64>,
    audit_verified: Counter<u64>,
    audit_failed: Counter<u64>,
}
// ANCHOR_END: instruments

impl Instruments {
    /// Instruments of `telemetry`.
    pub fn new(telemetry: &Telemetry) -> Self {
        let meter = &telemetry.meter("event_sourcing");
        Self {
            command_duration: meter
                .f64_histogram("es.command.duration")
                .with_unit("s")
                .with_description("How long a command took, retries included.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            command_attempts: meter
                .u64_histogram("es.command.attempts")
                .with_unit("{attempt}")
                .with_description("How often a command was decided.")
                .with_boundaries(vec![1.0, 2.0, 3.0, 4.0, 5.0])
                .build(),
            replayed_events: meter
                .u64_histogram("es.load.events_replayed")
                .with_unit("{event}")
                .with_description("Events that a load had to fold.")
                .with_boundaries(vec![1e0, 1e1, 1e2, 5e2, 1e3, 1e4, 1e5])
                .build(),
            appended: counter(meter, "es.append.events", "{event}"),
            conflicts: counter(meter, "es.append.conflicts", "{conflict}"),
            snapshot_used: counter(meter, "es.snapshot.used", SNAPSHOT),
            snapshot_missed: counter(meter, "es.snapshot.missed", SNAPSHOT),
            snapshot_invalid: counter(meter, "es.snapshot.invalid", SNAPSHOT),
            snapshot_written: counter(meter, "es.snapshot.written", SNAPSHOT),
            replayed_keys: counter(
                meter,
                "es.idempotency.replayed",
                "{request}",
            ),
            audit_verified: counter(meter, "es.audit.verified", "{stream}"),
            audit_failed: counter(meter, "es.audit.failed", "{stream}"),
        }
    }
}

const SNAPSHOT: &str = "{snapshot}";

fn counter(
    meter: &Meter,
    name: &'static str,
    unit: &'static str,
) -> Counter<u64> {
    meter.u64_counter(name).with_unit(unit).build()
}

/// What became of the snapshot that a load looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotUse {
    /// The load began with it.
    Used,
    /// There was none.
    Missed,
    /// There was one that did not fit, so the load began with event 1.
    Invalid,
}

// ANCHOR: record
impl Instruments {
    pub(crate) fn events_appended<'a>(
        &self,
        events: impl Iterator<Item = &'a NewEvent>,
    ) {
        for event in events {
            let kind = KeyValue::new("es.event.type", event.event_type);
            self.appended.add(1, &[kind]);
        }
    }

    pub(crate) fn append_failed(&self, error: &AppendError) {
        if let AppendError::Conflict { .. } = error {
            self.conflicts.add(1, &[stream_type()]);
        }
    }

    pub(crate) fn command_done(
        &self,
        command: &'static str,
        outcome: &'static str,
        attempts: u32,
        took: Duration,
    ) {
        let command = KeyValue::new("es.command.type", command);
        let outcome = KeyValue::new("es.outcome", outcome);
        self.command_attempts
            .record(attempts.into(), std::slice::from_ref(&command));
        self.command_duration
            .record(took.as_secs_f64(), &[command, outcome]);
    }

    pub(crate) fn loaded(&self, source: &'static str, replayed: u64) {
        let source = KeyValue::new("es.load.source", source);
        self.replayed_events
            .record(replayed, &[source, stream_type()]);
    }
}
// ANCHOR_END: record

impl Instruments {
    pub(crate) fn snapshot(&self, snapshot: SnapshotUse) {
        match snapshot {
            SnapshotUse::Used => &self.snapshot_used,
            SnapshotUse::Missed => &self.snapshot_missed,
            SnapshotUse::Invalid => &self.snapshot_invalid,
        }
        .add(1, &[stream_type()]);
    }

    pub(crate) fn snapshot_written(&self) {
        self.snapshot_written.add(1, &[stream_type()]);
    }

    pub(crate) fn key_replayed(&self, command: &'static str) {
        let command = KeyValue::new("es.command.type", command);
        self.replayed_keys.add(1, &[command]);
    }

    pub(crate) fn audited(&self, sound: bool) {
        match sound {
            true => &self.audit_verified,
            false => &self.audit_failed,
        }
        .add(1, &[stream_type()]);
    }
}

fn stream_type() -> KeyValue {
    KeyValue::new("es.stream.type", STREAM_TYPE)
}
