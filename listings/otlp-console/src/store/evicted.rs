//! What had to make room.

use crate::text::counted;
use std::fmt;

/// What a receiver dropped to stay within its [`Limits`](crate::Limits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Traces, each with all its spans and logs.
    pub traces: usize,
    /// Spans of those traces.
    pub spans: usize,
    /// Log records, of those traces or without one.
    pub logs: usize,
    /// Metric points.
    pub points: usize,
}

impl fmt::Display for Evicted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            traces,
            spans,
            logs,
            points,
        } = *self;
        write!(
            f,
            "{} with {}, {}, {}",
            counted(traces, "trace"),
            counted(spans, "span"),
            counted(logs, "log record"),
            counted(points, "metric point"),
        )
    }
}
