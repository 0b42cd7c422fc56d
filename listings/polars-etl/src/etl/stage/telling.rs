//! What a stage says of itself when it is done.

use opentelemetry::KeyValue;

use super::{Outcome, Stage, note};
use crate::{memory::Memory, observed::count};

// ANCHOR: tell-memory
/// Where a stage has left the memory of the process.
pub(super) fn tell_memory(is_own_peak: bool) {
    let Ok(memory) = Memory::now() else {
        return;
    };
    let bytes = |name, bytes| note(KeyValue::new(name, count(bytes)));
    bytes("etl.memory.allocated", memory.allocated);
    bytes("etl.memory.resident", memory.resident);
    if is_own_peak {
        bytes("etl.memory.resident_peak", memory.resident_peak);
    }
}
// ANCHOR_END: tell-memory

// ANCHOR: tell
impl Stage<'_> {
    /// The outcome as attributes and metrics.
    pub(super) fn tell(&self, outcome: Outcome) {
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
