//! How long an answer may take: one budget for the whole of a request.

use std::time::Duration;

use axum::http::HeaderMap;
use tokio::time::Instant;

// ANCHOR: deadline
/// The moment by which an answer must be there.
///
/// A budget is spent once, and by everybody together: whoever comes late gets
/// what is left of it, and no timeout of its own on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// This long from now.
    pub fn after(budget: Duration) -> Self {
        Self(Instant::now() + budget)
    }

    /// For the calls of a request that has just come in and may take `budget`.
    /// A twentieth of it is kept to make an answer of what they bring.
    pub fn within(budget: Duration) -> Self {
        Self::after(budget - budget / 20)
    }

    /// Earlier by `margin`: the time that is needed for something else.
    #[must_use]
    pub fn less(self, margin: Duration) -> Self {
        Self(self.0.checked_sub(margin).unwrap_or(self.0))
    }

    /// What is left; nothing, if it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The moment itself.
    pub fn instant(self) -> Instant {
        self.0
    }
}
// ANCHOR_END: deadline

// ANCHOR: header
/// How the budget travels: what is left of it, in whole milliseconds. There is
/// no standard for it; this is the name that Envoy gives it, so a mesh of
/// Envoys understands it, too.
pub const HEADER: &str = "x-envoy-expected-rq-timeout-ms";

impl Deadline {
    /// For the header of a call. A call that has less than a millisecond is
    /// not worth making.
    pub fn milliseconds(self) -> Option<u64> {
        let left = u64::try_from(self.remaining().as_millis()).ok()?;
        (left > 0).then_some(left)
    }

    /// The budget that the caller gives, if it gives one.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let left = headers.get(HEADER)?.to_str().ok()?.parse::<u32>().ok()?;
        Some(Self::after(Duration::from_millis(left.into())))
    }
}
// ANCHOR_END: header
