//! How far a run is, for whoever watches it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use crate::valve::{Reason, Valve};

/// The stages of a run, in order.
pub const STAGES: [&str; 6] = [
    "extract",
    "validate",
    "judge",
    "transform",
    "load",
    "balance",
];

/// Shared by a run and by those who watch it.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// How many stages have begun.
    begun: AtomicUsize,
    /// Rows that had been read when the present stage began.
    before: AtomicU64,
    valve: Valve,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// The stage that runs, if any has begun.
    pub stage: Option<&'static str>,
    /// Rows that this stage has read so far.
    pub rows: u64,
}

impl Progress {
    /// How far the run is now.
    pub fn now(&self) -> At {
        let begun = self.0.begun.load(Ordering::Acquire);
        let before = self.0.before.load(Ordering::Acquire);
        At {
            stage: STAGES.get(begun.wrapping_sub(1)).copied(),
            rows: self.0.valve.rows().saturating_sub(before),
        }
    }

    /// Stops the run at the next piece of rows.
    pub fn stop(&self) {
        self.0.valve.shut(Reason::Unwanted);
    }

    /// What the rows of the run go through.
    pub(super) fn valve(&self) -> &Valve {
        &self.0.valve
    }

    /// Takes note that a stage begins.
    pub(super) fn enter(&self, stage: &str) {
        let number = STAGES.iter().position(|name| *name == stage);
        let rows = self.0.valve.rows();
        self.0.before.store(rows, Ordering::Release);
        let begun = number.map_or(0, |number| number + 1);
        self.0.begun.store(begun, Ordering::Release);
    }
}
