//! What went wrong behind the BFF, as a problem: what the client may know.

use super::problem::{Problem, kinds};
use crate::clients::CallError;

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
