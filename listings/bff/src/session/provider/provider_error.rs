//! Why the identity provider gave nothing.

/// Why the identity provider gave nothing. No variant holds what it sent,
/// for that may be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Not in time.
    #[error("no answer in time")]
    TimedOut,
    /// It cannot be reached, or broke off.
    #[error("not reachable")]
    Unreachable,
    /// It does not take the code or the token.
    #[error("the code or token is not accepted")]
    Refused,
    /// It answers something else than OAuth says.
    #[error("an answer that makes no sense")]
    Garbage,
}

impl ProviderError {
    /// A name out of a small set, for spans, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimedOut => "timeout",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Garbage => "garbage",
        }
    }
}
