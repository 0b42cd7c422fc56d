//! Bounded memory for what has arrived.

mod evicted;
mod held;
mod weight;

pub use evicted::Evicted;
pub(crate) use weight::ATTRIBUTE;

use crate::{
    limits::Limits,
    model::{LogRecord, Metric, Span, TraceId},
    otlp::Arrival,
    trace::Trace,
};
use held::Held;
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

/// Traces, logs without a trace, and metrics, each oldest first.
pub(crate) struct Store {
    limits: Limits,
    traces: HashMap<TraceId, Held>,
    oldest: VecDeque<TraceId>,
    loose_logs: VecDeque<Weighed<LogRecord>>,
    metrics: VecDeque<Weighed<Metric>>,
    held: Amount,
    evicted: Evicted,
}

struct Weighed<T> {
    item: T,
    bytes: usize,
}

#[derive(Clone, Copy, Default)]
struct Amount {
    spans: usize,
    logs: usize,
    points: usize,
    bytes: usize,
}

impl Store {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            traces: HashMap::new(),
            oldest: VecDeque::new(),
            loose_logs: VecDeque::new(),
            metrics: VecDeque::new(),
            held: Amount::default(),
            evicted: Evicted::default(),
        }
    }

    /// Adds what arrived; returns the traces that had to make room.
    pub(crate) fn insert(&mut self, arrival: Arrival) -> Vec<Arc<Trace>> {
        for span in arrival.spans {
            self.insert_span(span);
        }
        for log in arrival.logs {
            self.insert_log(log);
        }
        for metric in arrival.metrics {
            self.insert_metric(metric);
        }
        self.make_room()
    }

    pub(crate) fn trace(&self, id: &TraceId) -> Option<&Trace> {
        self.traces.get(id).map(|held| &*held.trace)
    }

    /// A trace to look at for longer, while more of it may arrive.
    pub(crate) fn share(&mut self, id: &TraceId) -> Option<Arc<Trace>> {
        self.traces.get_mut(id).map(Held::share)
    }

    /// All traces, the one that began to arrive first in front.
    pub(crate) fn traces(&self) -> impl Iterator<Item = &Trace> {
        self.oldest.iter().filter_map(|id| self.trace(id))
    }

    pub(crate) fn logs(&self) -> impl Iterator<Item = &LogRecord> {
        let in_traces = self.traces().flat_map(|trace| &trace.logs);
        in_traces.chain(self.loose_logs.iter().map(|log| &log.item))
    }

    pub(crate) fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.metrics.iter().map(|metric| &metric.item)
    }

    pub(crate) fn span_count(&self) -> usize {
        self.held.spans
    }

    pub(crate) fn log_count(&self) -> usize {
        self.held.logs
    }

    pub(crate) fn evicted(&self) -> Evicted {
        self.evicted
    }

    pub(crate) fn clear(&mut self) {
        *self = Self {
            evicted: self.evicted,
            ..Self::new(self.limits)
        };
    }

    /// A sender repeats what it has no answer for, so the same span may come
    /// twice (OTLP specification, "Duplicate Data"): it counts once.
    fn insert_span(&mut self, span: Span) {
        if let Some(bytes) = self.of_trace(span.trace_id).insert_span(span) {
            self.held.bytes += bytes;
            self.held.spans += 1;
        }
    }

    fn of_trace(&mut self, id: TraceId) -> &mut Held {
        let (oldest, bytes) = (&mut self.oldest, &mut self.held.bytes);
        self.traces.entry(id).or_insert_with(|| {
            oldest.push_back(id);
            let held = Held::new(id);
            *bytes += held.bytes;
            held
        })
    }

    fn insert_log(&mut self, log: LogRecord) {
        self.held.logs += 1;
        if let Some(trace_id) = log.trace_id {
            self.held.bytes += self.of_trace(trace_id).insert_log(log);
            return;
        }
        let last = self.loose_logs.back().map(|log| &log.item.origin);
        let bytes = weight::of_log(&log) + weight::news(last, &log.origin);
        self.held.bytes += bytes;
        self.loose_logs.push_back(Weighed { item: log, bytes });
    }

    fn insert_metric(&mut self, metric: Metric) {
        let last = self.metrics.back().map(|metric| &metric.item.origin);
        let origin = weight::news(last, &metric.origin);
        let bytes = weight::of_metric(&metric) + origin;
        self.held.points += point_count(&metric);
        self.held.bytes += bytes;
        let item = metric;
        self.metrics.push_back(Weighed { item, bytes });
    }

    fn make_room(&mut self) -> Vec<Arc<Trace>> {
        while self.held.points > self.limits.points {
            self.evict_metric();
        }
        while self.held.logs > self.limits.logs && self.evict_log() {}
        let mut evicted = Vec::new();
        while self.is_over_limit() {
            match self.evict_trace() {
                Some(trace) => evicted.push(trace),
                None if self.evict_log() => {}
                None if self.metrics.is_empty() => break,
                None => self.evict_metric(),
            }
        }
        evicted
    }

    fn is_over_limit(&self) -> bool {
        self.held.spans > self.limits.spans
            || self.held.logs > self.limits.logs
            || self.held.bytes > self.limits.held_bytes
    }

    fn evict_trace(&mut self) -> Option<Arc<Trace>> {
        let held = self.traces.remove(&self.oldest.pop_front()?)?;
        let bytes = held.bytes;
        let trace = held.whole();
        let (spans, logs) = (trace.spans.len(), trace.logs.len());
        self.held.spans -= spans;
        self.held.logs -= logs;
        self.held.bytes -= bytes;
        self.evicted.traces += 1;
        self.evicted.spans += spans;
        self.evicted.logs += logs;
        Some(trace)
    }

    fn evict_log(&mut self) -> bool {
        let Some(log) = self.loose_logs.pop_front() else {
            return false;
        };
        self.held.logs -= 1;
        self.held.bytes -= log.bytes;
        self.evicted.logs += 1;
        true
    }

    fn evict_metric(&mut self) {
        let Some(metric) = self.metrics.pop_front() else {
            return;
        };
        self.held.points -= point_count(&metric.item);
        self.held.bytes -= metric.bytes;
        self.evicted.points += metric.item.points.len();
    }
}

/// A metric without points takes room too.
fn point_count(metric: &Metric) -> usize {
    metric.points.len().max(1)
}
