//! What a stage says of itself when it is done.

use opentelemetry::KeyValue;

use super::{Outcome, Stage, note, steps};
use crate::{memory::Memory, observed::count};

// ANCHOR: tell-memory
impl Stage<'_> {
    /// Where this stage has left the memory of the process.
    pub(super) fn tell_memory(&self, is_own_peak: bool) {
        let Ok(memory) = Memory::now() else {
            return;
        };
        let tell = |kind, bytes| {
            note(KeyValue::new(format!("etl.memory.{kind}"), count(bytes)));
            let stage = KeyValue::new("etl.stage", self.name);
            let kind = KeyValue::new("etl.memory.kind", kind);
            self.observer.memory.record(bytes, &[stage, kind]);
        };
        tell("allocated", memory.allocated);
        tell("resident", memory.resident);
        if is_own_peak {
            tell("resident_peak", memory.resident_peak);
        }
    }
}
// ANCHOR_END: tell-memory

// ANCHOR: tell
impl Stage<'_> {
    /// The outcome as attributes and metrics.
    pub(super) fn tell(&self, outcome: Outcome) {
        note(KeyValue::new("etl.compression", steps::COMPRESSION));
        let stage = KeyValue::new("etl.stage", self.name);
        let rows = [
            ("etl.rows_in", "in", outcome.rows_in),
            ("etl.rows_out", "out", outcome.rows_out),
        ];
        for (attribute, direction, number) in rows {
            note(KeyValue::new(attribute, count(number)));
            let direction = KeyValue::new("etl.direction", direction);
            self.observer.rows.add(number, &[stage.clone(), direction]);
        }
        let bytes = [
            ("etl.bytes_in", "in", self.bytes_in.get()),
            ("etl.bytes_out", "out", outcome.bytes_out),
        ];
        for (attribute, direction, number) in bytes {
            note(KeyValue::new(attribute, count(number)));
            let direction = KeyValue::new("etl.direction", direction);
            self.observer.bytes.add(number, &[stage.clone(), direction]);
        }
    }
}
// ANCHOR_END: tell
