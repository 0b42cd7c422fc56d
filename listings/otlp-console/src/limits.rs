//! How much a receiver takes in and holds.

use service::Connections;

/// Bounds on what a receiver takes in at once and holds in memory.
///
/// A request over `message_bytes` is refused. Above the other bounds the
/// oldest trace, log or metric makes room for the new one, and the receiver
/// counts what left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What clients may hold of each port.
    pub connections: Connections,
    /// Largest request, in bytes, before and after decompression. The
    /// default is the OpenTelemetry Collector's and gRPC's own: 4 MiB.
    pub message_bytes: usize,
    /// Requests worked on at the same time on one port; more have to wait.
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
            requests: 32,
            spans: 100_000,
            logs: 100_000,
            points: 100_000,
            held_bytes: 256 << 20,
        }
    }
}
