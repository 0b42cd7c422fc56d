//! Why a call to a backend brought nothing.

// ANCHOR: call-error
/// Why a backend gave no usable answer. Each is logged where it happens, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Not in time.
    #[error("no answer in time")]
    TimedOut,
    /// It cannot be reached, or broke off.
    #[error("not reachable")]
    Unreachable,
    /// It answered with a status that says so.
    #[error("it answered with status {0}")]
    Failed(u16),
    /// The answer is not what was agreed on.
    #[error("an answer that makes no sense")]
    Garbage,
    /// The answer is larger than any good one.
    #[error("an answer that is too large")]
    TooLarge,
    /// It does not take the token.
    #[error("the token is not accepted")]
    Unauthorized,
    /// What was asked for is not there.
    #[error("there is no such thing")]
    NotFound,
}

impl CallError {
    /// A name out of a small set, for spans, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimedOut => "timeout",
            Self::Unreachable => "unreachable",
            Self::Failed(_) => "failed",
            Self::Garbage => "garbage",
            Self::TooLarge => "too_large",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
        }
    }
}
// ANCHOR_END: call-error
