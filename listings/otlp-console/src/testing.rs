//! Spans for unit tests.

use crate::model::{Origin, Span, SpanId, SpanKind, Status, TraceId};

/// A span of trace 1, named after its number, one millisecond long.
pub(crate) fn span(number: u8, parent: Option<u8>, kind: SpanKind) -> Span {
    Span {
        trace_id: TraceId([1; 16]),
        span_id: SpanId([number; 8]),
        parent_span_id: parent.map(|number| SpanId([number; 8])),
        trace_state: String::new(),
        flags: 1,
        name: format!("span {number}"),
        kind,
        start_unix_nano: u64::from(number) * 1_000_000,
        end_unix_nano: u64::from(number) * 1_000_000 + 1_000_000,
        attributes: Default::default(),
        events: Vec::new(),
        links: Vec::new(),
        status: Status::Unset,
        origin: Origin::default(),
    }
}
