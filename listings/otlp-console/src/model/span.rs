//! Spans and their parts.

use super::{Attributes, Origin};

/// Identifies a trace: 16 bytes, printed as 32 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(pub [u8; 16]);

/// Identifies a span in its trace: 8 bytes, printed as 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(pub [u8; 8]);

/// The role of a span in a conversation between services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpanKind {
    /// The sender named no kind.
    Unspecified,
    /// Work inside a process.
    Internal,
    /// Answers a request from outside.
    Server,
    /// Waits for an answer from outside.
    Client,
    /// Hands a message over.
    Producer,
    /// Takes a message in.
    Consumer,
}

/// How the work of a span ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not set: no error is known.
    Unset,
    /// Marked as a success by the application.
    Ok,
    /// Failed, with a description that may be empty.
    Error(String),
}

/// A moment inside a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Nanoseconds since the Unix epoch.
    pub time_unix_nano: u64,
    /// What happened.
    pub name: String,
    /// Details.
    pub attributes: Attributes,
}

/// A reference to a span that is related, but not the parent.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The other span's trace.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// Details.
    pub attributes: Attributes,
}

/// One piece of work: an operation with a start, an end and a parent.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own identifier.
    pub span_id: SpanId,
    /// The span that caused it; `None` for a root.
    pub parent_span_id: Option<SpanId>,
    /// The W3C `tracestate` that came with its context.
    pub trace_state: String,
    /// W3C trace flags in bits 0 to 7, OTLP's remote-parent bits 8 and 9.
    pub flags: u32,
    /// What kind of work, with few distinct values.
    pub name: String,
    /// Its role between services.
    pub kind: SpanKind,
    /// Nanoseconds since the Unix epoch.
    pub start_unix_nano: u64,
    /// Nanoseconds since the Unix epoch, not before the start.
    pub end_unix_nano: u64,
    /// Details.
    pub attributes: Attributes,
    /// Moments inside.
    pub events: Vec<Event>,
    /// Related spans.
    pub links: Vec<Link>,
    /// How it ended.
    pub status: Status,
    /// Who sent it.
    pub origin: Origin,
}

impl Span {
    /// Nanoseconds from start to end; 0 when the clock went backwards.
    pub fn duration_nano(&self) -> u64 {
        self.end_unix_nano.saturating_sub(self.start_unix_nano)
    }
}
