//! What went wrong behind the BFF, as a problem: what the client may know.

use super::problem::{Problem, kinds};
use crate::{
    clients::CallError,
    session::{ProviderError, SessionError},
};

// ANCHOR: call-errors
impl From<CallError> for Problem {
    /// The call has been logged where it failed.
    fn from(error: CallError) -> Self {
        Self::new(match error {
            CallError::TimedOut => &kinds::BACKEND_TIMED_OUT,
            CallError::Unauthorized => &kinds::NOT_SIGNED_IN,
            CallError::NotFound
            | CallError::Unreachable
            | CallError::Failed(_)
            | CallError::Garbage
            | CallError::TooLarge => &kinds::BACKEND_FAILED,
        })
    }
}
// ANCHOR_END: call-errors

// ANCHOR: session-errors
impl From<SessionError> for Problem {
    /// It has been logged where it happened.
    fn from(error: SessionError) -> Self {
        Self::new(match error {
            SessionError::Store(_) => &kinds::SESSIONS_AWAY,
            SessionError::Provider(ProviderError::TimedOut) => {
                &kinds::BACKEND_TIMED_OUT
            }
            SessionError::Provider(_) => &kinds::BACKEND_FAILED,
            SessionError::Refused => &kinds::LOGIN_REFUSED,
        })
    }
}
// ANCHOR_END: session-errors
