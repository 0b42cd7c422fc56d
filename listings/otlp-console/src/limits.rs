//! How much a receiver takes in and holds.

use service::Connections;

/// Bounds on what a receiver takes in at once and holds in memory.
///
/// A request over `message_bytes` is refused, and so is one with more items
/// than may be held. Above the other bounds the oldest trace, log or metric
/// makes room for the new one, and the receiver counts what left.
///
/// What is on its way is bounded by multiples of `message_bytes`: eight for
/// requests that have not arrived as a whole or wait, eight for each one that
/// is decoded, and eight for those that wait to be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What clients may hold of each port.
    pub connections: Connections,
    /// Largest request, in bytes, before and after decompression. The
    /// default is the OpenTelemetry Collector's and gRPC's own: 4 MiB.
    pub message_bytes: usize,
    /// Requests decoded at the same time, on both ports: so many up to a
    /// sixteenth of `message_bytes`, and so many above. More have to wait.
    pub requests: usize,
    /// Spans held.
    pub spans: usize,
    /// Log records held.
    pub logs: usize,
    /// Metric points held.
    pub points: usize,
    /// Estimated memory of everything held, in bytes.
    pub held_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: Connections::default(),
            message_bytes: 4 << 20,
            requests: 2,
            spans: 100_000,
            logs: 100_000,
            points: 100_000,
            held_bytes: 256 << 20,
        }
    }
}

impl Limits {
    /// For what is read from a file of one's own.
    pub(crate) fn unlimited() -> Self {
        Self {
            message_bytes: usize::MAX,
            requests: 1,
            spans: usize::MAX,
            logs: usize::MAX,
            points: usize::MAX,
            held_bytes: usize::MAX,
            ..Self::default()
        }
    }

    /// A request that does not wait for larger ones: most are smaller.
    pub(crate) fn small_bytes(&self) -> usize {
        self.message_bytes / 16
    }

    /// One span, record, point or resource, decoded.
    pub(crate) fn item_bytes(&self) -> usize {
        self.message_bytes.saturating_mul(2)
    }

    /// One request, decoded: a legitimate one takes four times the bytes.
    pub(crate) fn batch_bytes(&self) -> usize {
        self.message_bytes.saturating_mul(8)
    }
}
