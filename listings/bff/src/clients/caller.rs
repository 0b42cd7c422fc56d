//! For whom a backend is asked, and how long they wait.

use std::{fmt, sync::Arc};

use super::Timeline;
use crate::deadline::Deadline;

// ANCHOR: caller
/// On whose behalf a call is made, and until when.
///
/// Beside the trace, it is all that goes from a client's request to a backend.
/// No header is copied, so none can be smuggled.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person's access token, if somebody is signed in.
    pub token: Option<Token>,
    /// When the answer must be there.
    pub deadline: Deadline,
    /// Where the calls are noted.
    pub timeline: Timeline,
}

/// An access token. It shows itself to nobody but a backend.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Arc<str>);

impl Token {
    /// Keeps `token`.
    pub fn new(token: impl Into<Arc<str>>) -> Self {
        Self(token.into())
    }

    /// The text of it, for the one header in which it belongs.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}
// ANCHOR_END: caller
