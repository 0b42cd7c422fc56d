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
use output::Job;
use schedule::Schedule;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// Bytes of lines that wait to be written; then senders have to wait.
const MOST_LINES: usize = 8 << 20;

/// Spans after which no more traces are written in one go.
const SPANS_IN_ONE_GO: usize = 1_000;

/// How long the viewer waits for the rest of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Silence after which a trace that looks complete is printed.
    pub settle: Duration,
    /// Silence after which any trace is printed.
    pub patience: Duration,
}

/// Holds what arrives, and says what is to be written: each trace once it is
/// finished, again when something comes late. Writing takes its time, and is
/// done elsewhere.
pub(crate) struct Console {
    store: Store,
    waiting: Waiting,
    schedule: Schedule,
    printed: HashMap<TraceId, Seen>,
    traces_printed: usize,
    format: Format,
    metrics: bool,
    lines: String,
    /// Traces that have left the store, and are written first.
    leaving: VecDeque<Job>,
    /// Whether the jobs that were given out hold such traces.
    let_go: bool,
}

impl Console {
    pub(crate) fn new(
        limits: Limits,
        waiting: Waiting,
        format: Format,
        metrics: bool,
    ) -> Self {
        Self {
            store: Store::new(limits),
            waiting,
            schedule: Schedule::default(),
            printed: HashMap::new(),
            traces_printed: 0,
            format,
            metrics,
            lines: String::new(),
            leaving: VecDeque::new(),
            let_go: false,
        }
    }

    /// How many traces have been printed, each counted once.
    pub(crate) fn traces_printed(&self) -> usize {
        self.traces_printed
    }

    /// When [`Console::jobs`] has something to do.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.schedule.next()
    }

    /// Whether there is room for more: not while traces that have left the
    /// store, or many lines, wait to be written.
    pub(crate) fn has_room(&self) -> bool {
        self.leaving.is_empty() && !self.let_go && self.lines.len() < MOST_LINES
    }

    /// Takes one request. Logs without a trace and metrics are lines at once.
    pub(crate) fn take(&mut self, arrival: Arrival, now: Instant) {
        if self.metrics {
            output::metrics(&mut self.lines, &arrival.metrics);
        }
        let loose = arrival.logs.iter().filter(|log| log.trace_id.is_none());
        output::logs(&mut self.lines, loose, self.format);
        for id in touched(&arrival) {
            self.schedule.set(id, now, now + self.waiting.settle);
        }
        for trace in self.store.insert(arrival) {
            self.let_go(trace);
        }
    }

    /// What is to be written now, until `most` traces have been printed in
    /// all. Nothing that was given out before is still being written.
    pub(crate) fn jobs(&mut self, now: Instant, most: usize) -> Vec<Job> {
        let mut jobs = self.waiting_jobs();
        let mut spans = 0;
        while self.traces_printed < most && spans < SPANS_IN_ONE_GO {
            let Some((id, last)) = self.schedule.pop_due(now) else {
                break;
            };
            let Some(trace) = self.store.share(&id) else {
                continue;
            };
            let patient_until = last + self.waiting.patience;
            if patient_until > now && !trace.looks_complete() {
                self.schedule.set(id, last, patient_until);
                continue;
            }
            spans += trace.spans.len();
            jobs.extend(self.print(trace, ""));
        }
        jobs
    }

    /// What still waits, with a note where something is missing.
    pub(crate) fn unfinished(&mut self) -> Vec<Job> {
        let mut jobs = self.waiting_jobs();
        while let Some(id) = self.schedule.pop() {
            let Some(trace) = self.store.share(&id) else {
                continue;
            };
            let note = match trace.looks_complete() {
                true => "",
                false => "unfinished",
            };
            jobs.extend(self.print(trace, note));
        }
        jobs
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

    fn waiting_jobs(&mut self) -> Vec<Job> {
        let lines = std::mem::take(&mut self.lines);
        let lines = (!lines.is_empty()).then_some(Job::Lines(lines));
        self.let_go = !self.leaving.is_empty();
        lines.into_iter().chain(self.leaving.drain(..)).collect()
    }

    fn print(&mut self, trace: Arc<Trace>, note: &'static str) -> Option<Job> {
        let seen = self.printed.get(&trace.trace_id).copied();
        let all = Seen {
            spans: trace.spans.len(),
            logs: trace.logs.len(),
        };
        // A sender repeated what it had no answer for.
        if seen == Some(all) {
            return None;
        }
        self.traces_printed += usize::from(seen.is_none());
        self.printed.insert(trace.trace_id, all);
        Some(Job::Trace { trace, seen, note })
    }

    /// A trace that left memory is printed first, unless it has been.
    fn let_go(&mut self, trace: Arc<Trace>) {
        let waited = self.schedule.remove(&trace.trace_id);
        let seen = self.printed.remove(&trace.trace_id);
        if waited {
            self.traces_printed += usize::from(seen.is_none());
            let note = "unfinished, memory limit";
            self.leaving.push_back(Job::Trace { trace, seen, note });
        } else if Arc::strong_count(&trace) > 1 {
            // It is being written, and takes memory until that is done.
            self.leaving.push_back(Job::Release(trace));
        }
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
