//! Log records.

use super::{Attributes, Origin, SpanId, TraceId, Value};

/// One log record.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// Nanoseconds since the Unix epoch; the observed time where the sender
    /// gave no other.
    pub time_unix_nano: u64,
    /// 1 (trace) to 24 (fatal); 0 when unknown.
    pub severity_number: i32,
    /// The sender's own word for the severity.
    pub severity_text: String,
    /// Names the kind of event; empty when the record has none.
    pub event_name: String,
    /// The message.
    pub body: Value,
    /// Details.
    pub attributes: Attributes,
    /// The trace in which it was written.
    pub trace_id: Option<TraceId>,
    /// The span in which it was written.
    pub span_id: Option<SpanId>,
    /// Who sent it.
    pub origin: Origin,
}
