//! Bounded memory for what has arrived.

mod evicted;
mod weight;

pub use evicted::Evicted;

use crate::{
    limits::Limits,
    model::{LogRecord, Metric, Span, SpanId, TraceId},
    otlp::Arrival,
    trace::Trace,
};
use std::collections::{HashMap, VecDeque};

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

struct Held {
    trace: Trace,
    first_with_id: HashMap<SpanId, usize>,
    bytes: usize,
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
    pub(crate) fn insert(&mut self, arrival: Arrival) -> Vec<Trace> {
        for span in arrival.spans {
            self.insert_span(span);
        }
        for log in arrival.logs {
            self.insert_log(log);
        }
        for metric in arrival.metrics {
            let bytes = weight::of_metric(&metric);
            self.held.points += point_count(&metric);
            self.held.bytes += bytes;
            self.metrics.push_back(Weighed {
                item: metric,
                bytes,
            });
        }
        self.make_room()
    }

    pub(crate) fn trace(&self, id: &TraceId) -> Option<&Trace> {
        self.traces.get(id).map(|held| &held.trace)
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
        let held = held(&mut self.traces, &mut self.oldest, span.trace_id);
        let spans = &mut held.trace.spans;
        let first = held.first_with_id.entry(span.span_id);
        let first = *first.or_insert(spans.len());
        if spans.get(first) == Some(&span) {
            return;
        }
        let bytes = weight::of_span(&span);
        held.bytes += bytes;
        self.held.bytes += bytes;
        self.held.spans += 1;
        spans.push(span);
    }

    fn insert_log(&mut self, log: LogRecord) {
        let bytes = weight::of_log(&log);
        self.held.bytes += bytes;
        self.held.logs += 1;
        let Some(trace_id) = log.trace_id else {
            return self.loose_logs.push_back(Weighed { item: log, bytes });
        };
        let held = held(&mut self.traces, &mut self.oldest, trace_id);
        held.bytes += bytes;
        held.trace.logs.push(log);
    }

    fn make_room(&mut self) -> Vec<Trace> {
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

    fn evict_trace(&mut self) -> Option<Trace> {
        let held = self.traces.remove(&self.oldest.pop_front()?)?;
        let (spans, logs) = (held.trace.spans.len(), held.trace.logs.len());
        self.held.spans -= spans;
        self.held.logs -= logs;
        self.held.bytes -= held.bytes;
        self.evicted.traces += 1;
        self.evicted.spans += spans;
        self.evicted.logs += logs;
        Some(held.trace)
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

fn held<'a>(
    traces: &'a mut HashMap<TraceId, Held>,
    oldest: &mut VecDeque<TraceId>,
    id: TraceId,
) -> &'a mut Held {
    traces.entry(id).or_insert_with(|| {
        oldest.push_back(id);
        Held {
            trace: Trace::new(id),
            first_with_id: HashMap::new(),
            bytes: 0,
        }
    })
}
