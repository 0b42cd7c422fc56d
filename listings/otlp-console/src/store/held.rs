//! One trace that is held, and may be looked at while it grows.

use super::weight;
use crate::{
    model::{LogRecord, Origin, Span, SpanId, TraceId},
    trace::Trace,
};
use std::{collections::HashMap, mem::size_of, sync::Arc};

/// What a trace takes besides its spans and logs, here and where it waits.
const OVERHEAD: usize = 2 * size_of::<Held>() + 256;

pub(super) struct Held {
    pub(super) trace: Arc<Trace>,
    pub(super) bytes: usize,
    /// What came while somebody looked at the trace: a copy of the trace in
    /// its place would double its memory.
    spans: Vec<Span>,
    logs: Vec<LogRecord>,
    first_with_id: HashMap<SpanId, usize>,
    last_origin: Option<Origin>,
}

impl Held {
    pub(super) fn new(id: TraceId) -> Self {
        Self {
            trace: Arc::new(Trace::new(id)),
            bytes: OVERHEAD,
            spans: Vec::new(),
            logs: Vec::new(),
            first_with_id: HashMap::new(),
            last_origin: None,
        }
    }

    /// Adds a span unless it is there; returns what it weighs.
    pub(super) fn insert_span(&mut self, span: Span) -> Option<usize> {
        self.settle();
        let there = self.trace.spans.len();
        let next = there + self.spans.len();
        let first = *self.first_with_id.entry(span.span_id).or_insert(next);
        let known = match first.checked_sub(there) {
            None => self.trace.spans.get(first),
            Some(at) => self.spans.get(at),
        };
        if known == Some(&span) {
            return None;
        }
        let bytes = weight::of_span(&span) + self.origin(&span.origin);
        self.bytes += bytes;
        match Arc::get_mut(&mut self.trace) {
            Some(trace) => trace.spans.push(span),
            None => self.spans.push(span),
        }
        Some(bytes)
    }

    /// Adds a log record; returns what it weighs.
    pub(super) fn insert_log(&mut self, log: LogRecord) -> usize {
        self.settle();
        let bytes = weight::of_log(&log) + self.origin(&log.origin);
        self.bytes += bytes;
        match Arc::get_mut(&mut self.trace) {
            Some(trace) => trace.logs.push(log),
            None => self.logs.push(log),
        }
        bytes
    }

    /// The trace, to look at for a while.
    pub(super) fn share(&mut self) -> Arc<Trace> {
        self.settle();
        Arc::clone(&self.trace)
    }

    /// The trace with all that came, as it leaves.
    pub(super) fn whole(mut self) -> Arc<Trace> {
        self.settle();
        if !(self.spans.is_empty() && self.logs.is_empty()) {
            let trace = Arc::make_mut(&mut self.trace);
            trace.spans.append(&mut self.spans);
            trace.logs.append(&mut self.logs);
        }
        self.trace
    }

    /// Puts what came into the trace, once nobody looks at it.
    fn settle(&mut self) {
        if let Some(trace) = Arc::get_mut(&mut self.trace) {
            trace.spans.append(&mut self.spans);
            trace.logs.append(&mut self.logs);
        }
    }

    fn origin(&mut self, origin: &Origin) -> usize {
        let bytes = weight::news(self.last_origin.as_ref(), origin);
        if bytes > 0 {
            self.last_origin = Some(origin.clone());
        }
        bytes
    }
}
