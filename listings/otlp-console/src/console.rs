//! The viewer: decides when a trace is finished, and prints it.

mod metrics;
mod output;
mod run;
mod schedule;

pub use output::{Format, SvgFile};
pub use run::{Options, RunError, run};

use crate::{
    limits::Limits,
    model::TraceId,
    otlp::Arrival,
    store::{Evicted, Store},
    terminal::Seen,
    text::counted,
    trace::Trace,
};
use output::Output;
use schedule::Schedule;
use std::{
    collections::{HashMap, HashSet},
    io::{self, Write},
    time::Duration,
};
use tokio::time::Instant;

/// How long the viewer waits for the rest of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Silence after which a trace that looks complete is printed.
    pub settle: Duration,
    /// Silence after which any trace is printed.
    pub patience: Duration,
}

/// Holds what arrives, and prints each trace once it is finished, again when
/// something comes late.
pub(crate) struct Console<W> {
    store: Store,
    waiting: Waiting,
    schedule: Schedule,
    printed: HashMap<TraceId, Seen>,
    traces_printed: usize,
    output: Output<W>,
}

impl<W: Write> Console<W> {
    pub(crate) fn new(
        limits: Limits,
        waiting: Waiting,
        output: Output<W>,
    ) -> Self {
        Self {
            store: Store::new(limits),
            waiting,
            schedule: Schedule::default(),
            printed: HashMap::new(),
            traces_printed: 0,
            output,
        }
    }

    /// How many traces have been printed, each counted once.
    pub(crate) fn traces_printed(&self) -> usize {
        self.traces_printed
    }

    /// When [`Console::print_due`] has something to do.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.schedule.next()
    }

    /// Takes one request. Logs without a trace and metrics are printed now.
    pub(crate) fn take(
        &mut self,
        arrival: Arrival,
        now: Instant,
    ) -> io::Result<()> {
        self.output.metrics(&arrival.metrics)?;
        let loose = arrival.logs.iter().filter(|log| log.trace_id.is_none());
        self.output.logs(loose)?;
        for id in touched(&arrival) {
            self.schedule.set(id, now, now + self.waiting.settle);
        }
        for trace in self.store.insert(arrival) {
            self.let_go(&trace)?;
        }
        self.output.flush()
    }

    /// Prints the traces that are due, until `most` have been printed in all.
    pub(crate) fn print_due(
        &mut self,
        now: Instant,
        most: usize,
    ) -> io::Result<()> {
        while self.traces_printed < most {
            let Some((id, last)) = self.schedule.pop_due(now) else {
                break;
            };
            let Some(trace) = self.store.trace(&id) else {
                continue;
            };
            let patient_until = last + self.waiting.patience;
            if patient_until > now && !trace.looks_complete() {
                self.schedule.set(id, last, patient_until);
                continue;
            }
            self.print(&id, "")?;
        }
        self.output.flush()
    }

    /// Prints what still waits, and says so where something is missing.
    pub(crate) fn print_unfinished(&mut self) -> io::Result<()> {
        while let Some(id) = self.schedule.pop() {
            let trace = self.store.trace(&id);
            let note = match trace.is_some_and(Trace::looks_complete) {
                true => "",
                false => "unfinished",
            };
            self.print(&id, note)?;
        }
        self.output.flush()
    }

    /// What became of what arrived, for the program's own log.
    pub(crate) fn summary(&self) -> String {
        let printed = counted(self.traces_printed, "trace");
        let mut text = format!("printed {printed}");
        if self.schedule.len() > 0 {
            text += &format!(", {} unfinished", self.schedule.len());
        }
        let evicted = self.store.evicted();
        if evicted != Evicted::default() {
            text += &format!("; dropped to stay within limits: {evicted}");
        }
        text
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    fn print(&mut self, id: &TraceId, note: &str) -> io::Result<()> {
        let Some(trace) = self.store.trace(id) else {
            return Ok(());
        };
        let seen = self.printed.get(id).copied();
        let all = Seen {
            spans: trace.spans.len(),
            logs: trace.logs.len(),
        };
        // A sender repeated what it had no answer for.
        if seen == Some(all) {
            return Ok(());
        }
        self.output.trace(trace, seen, note)?;
        self.traces_printed += usize::from(seen.is_none());
        self.printed.insert(*id, all);
        Ok(())
    }

    /// A trace that left memory is printed first, unless it has been.
    fn let_go(&mut self, trace: &Trace) -> io::Result<()> {
        let waited = self.schedule.remove(&trace.trace_id);
        let seen = self.printed.remove(&trace.trace_id);
        if waited {
            self.traces_printed += usize::from(seen.is_none());
            self.output.trace(trace, seen, "unfinished, memory limit")?;
        }
        Ok(())
    }
}

/// The traces in a request, each once, by the start of their first span.
fn touched(arrival: &Arrival) -> Vec<TraceId> {
    let of_spans = arrival
        .spans
        .iter()
        .map(|span| (span.start_unix_nano, span.trace_id));
    let of_logs = arrival
        .logs
        .iter()
        .filter_map(|log| Some((log.time_unix_nano, log.trace_id?)));
    let mut touched: Vec<_> = of_spans.chain(of_logs).collect();
    touched.sort_unstable();
    let mut seen = HashSet::new();
    touched.retain(|(_, id)| seen.insert(*id));
    touched.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests;
