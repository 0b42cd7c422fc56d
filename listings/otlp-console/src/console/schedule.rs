//! Which traces wait to be printed, and until when.

use crate::model::TraceId;
use std::collections::{BTreeSet, HashMap};
use tokio::time::Instant;

#[derive(Default)]
pub(super) struct Schedule {
    waiting: HashMap<TraceId, Wait>,
    by_time: BTreeSet<(Turn, TraceId)>,
    turns: u64,
}

/// When a trace is due; of those due at the same time, the first one set.
type Turn = (Instant, u64);

struct Wait {
    last_arrival: Instant,
    turn: Turn,
}

impl Schedule {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|((due, _), _)| *due)
    }

    /// Makes a trace due at a new time.
    pub(super) fn set(
        &mut self,
        id: TraceId,
        last_arrival: Instant,
        due: Instant,
    ) {
        self.remove(&id);
        let turn = (due, self.turns);
        self.turns += 1;
        self.waiting.insert(id, Wait { last_arrival, turn });
        self.by_time.insert((turn, id));
    }

    /// Takes a trace out; whether it was there.
    pub(super) fn remove(&mut self, id: &TraceId) -> bool {
        let wait = self.waiting.remove(id);
        wait.is_some_and(|wait| self.by_time.remove(&(wait.turn, *id)))
    }

    /// The first trace that is due, with the time of its last arrival.
    pub(super) fn pop_due(
        &mut self,
        now: Instant,
    ) -> Option<(TraceId, Instant)> {
        let ((due, _), id) = *self.by_time.first()?;
        if due > now {
            return None;
        }
        self.by_time.pop_first();
        let wait = self.waiting.remove(&id)?;
        Some((id, wait.last_arrival))
    }

    /// The trace that is due first, even if that is later.
    pub(super) fn pop(&mut self) -> Option<TraceId> {
        let (_, id) = self.by_time.pop_first()?;
        self.waiting.remove(&id);
        Some(id)
    }
}
