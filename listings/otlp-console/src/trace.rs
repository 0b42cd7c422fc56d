//! Spans and logs that belong together.

use crate::model::{LogRecord, Span, SpanKind, TraceId};
use std::collections::{BTreeSet, HashSet};

/// The spans of one trace id, with the logs that were written in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What its spans and logs have in common.
    pub trace_id: TraceId,
    /// Its spans, in the order of their arrival.
    pub spans: Vec<Span>,
    /// Its logs, in the order of their arrival.
    pub logs: Vec<LogRecord>,
}

impl Trace {
    /// A trace of which nothing has arrived yet.
    pub fn new(trace_id: TraceId) -> Self {
        Self {
            trace_id,
            spans: Vec::new(),
            logs: Vec::new(),
        }
    }

    /// The first span without a parent.
    pub fn root(&self) -> Option<&Span> {
        self.spans
            .iter()
            .filter(|span| span.parent_span_id.is_none())
            .min_by_key(|span| (span.start_unix_nano, span.span_id))
    }

    /// The services that took part, by name.
    pub fn services(&self) -> BTreeSet<&str> {
        self.spans
            .iter()
            .map(|span| span.origin.service())
            .collect()
    }

    /// Start of the first span, in nanoseconds since the Unix epoch.
    pub fn start_unix_nano(&self) -> u64 {
        #[cfg(test)]
        PASSES.set(PASSES.get() + 1);
        let starts = self.spans.iter().map(|span| span.start_unix_nano);
        starts.min().unwrap_or(0)
    }

    /// Nanoseconds from the start of the first span to the end of the last.
    pub fn duration_nano(&self) -> u64 {
        let ends = self.spans.iter().map(|span| span.end_unix_nano);
        let last = ends.max().unwrap_or(0);
        last.saturating_sub(self.start_unix_nano())
    }

    /// When it ran.
    pub(crate) fn extent(&self) -> Extent {
        Extent {
            start: self.start_unix_nano(),
            total: self.duration_nano(),
        }
    }

    /// Whether nothing in the trace says that more spans are on their way:
    /// a root has arrived, and every parent, and the far side of every call.
    ///
    /// A database call (`db.system.name`) has no far side that sends spans.
    pub fn looks_complete(&self) -> bool {
        let ids: HashSet<_> =
            self.spans.iter().map(|span| span.span_id).collect();
        let parents: HashSet<_> = self
            .spans
            .iter()
            .filter_map(|span| span.parent_span_id)
            .collect();
        self.root().is_some()
            && parents.is_subset(&ids)
            && self
                .spans
                .iter()
                .filter(|span| calls_out(span))
                .all(|span| parents.contains(&span.span_id))
    }
}

#[cfg(test)]
thread_local! {
    /// How often all spans were looked at for the first start.
    pub(crate) static PASSES: std::cell::Cell<usize> =
        const { std::cell::Cell::new(0) };
}

/// The time that a trace took, found once for all of its spans.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    start: u64,
    /// Nanoseconds from the first start to the last end.
    pub(crate) total: u64,
}

impl Extent {
    /// From when to when the span ran, in nanoseconds since the start.
    pub(crate) fn of(&self, span: &Span) -> (u64, u64) {
        let from = span.start_unix_nano.saturating_sub(self.start);
        (from, from.saturating_add(span.duration_nano()))
    }
}

fn calls_out(span: &Span) -> bool {
    matches!(span.kind, SpanKind::Client | SpanKind::Producer)
        && !span.attributes.contains_key("db.system.name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::span;

    fn trace(spans: Vec<Span>) -> Trace {
        Trace {
            spans,
            ..Trace::new(TraceId([1; 16]))
        }
    }

    #[test]
    fn a_trace_is_complete_with_its_root_parents_and_far_sides() {
        let root = span(1, None, SpanKind::Server);
        let call = span(2, Some(1), SpanKind::Client);
        let far = span(3, Some(2), SpanKind::Server);
        assert!(trace(vec![root.clone()]).looks_complete());
        assert!(!trace(vec![root.clone(), call.clone()]).looks_complete());
        assert!(!trace(vec![root.clone(), far.clone()]).looks_complete());
        assert!(!trace(vec![call.clone(), far.clone()]).looks_complete());
        assert!(trace(vec![far, call, root]).looks_complete());
    }

    #[test]
    fn nothing_is_expected_from_a_database() {
        let root = span(1, None, SpanKind::Server);
        let mut query = span(2, Some(1), SpanKind::Client);
        query
            .attributes
            .insert("db.system.name".into(), "postgresql".into());
        assert!(trace(vec![root, query]).looks_complete());
    }

    #[test]
    fn a_trace_lasts_from_the_first_start_to_the_last_end() {
        let mut root = span(1, None, SpanKind::Server);
        (root.start_unix_nano, root.end_unix_nano) = (100, 150);
        let mut late = span(2, Some(1), SpanKind::Internal);
        (late.start_unix_nano, late.end_unix_nano) = (120, 190);
        assert_eq!(trace(vec![late, root]).duration_nano(), 90);
    }
}
