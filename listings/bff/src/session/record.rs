//! What is known of a session.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::id::Id;
use crate::clients::Token;

/// The most that a refresh comes before the end of the token.
const MARGIN: Duration = Duration::from_secs(30);

// ANCHOR: record
/// A session, as the store has it: sealed, and nowhere else.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) subject: String,
    pub(super) tokens: Tokens,
    /// When it ends, whatever happens.
    pub(super) ends: SystemTime,
    /// How often the tokens have been refreshed.
    pub(super) generation: u64,
}

/// The tokens of a session.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    /// When to get new ones.
    renew_at: SystemTime,
    /// When the access token is no good any more.
    ends: SystemTime,
}
// ANCHOR_END: record

impl Tokens {
    /// Tokens that were got `at` some time and live for `lifetime`.
    pub(super) fn new(
        access: Token,
        refresh: Option<String>,
        at: SystemTime,
        lifetime: Duration,
    ) -> Self {
        Self {
            access: access.secret().to_owned(),
            refresh,
            renew_at: at + lifetime - MARGIN.min(lifetime / 5),
            ends: at + lifetime,
        }
    }

    pub(super) fn access(&self) -> Token {
        Token::new(self.access.as_str())
    }

    /// Whether it is time for new ones.
    pub(super) fn are_due(&self) -> bool {
        SystemTime::now() >= self.renew_at
    }

    /// Whether the access token is still good.
    pub(super) fn are_good(&self) -> bool {
        SystemTime::now() < self.ends
    }
}

impl Record {
    /// The session of somebody who has just signed in.
    pub(super) fn new(
        subject: String,
        tokens: Tokens,
        lifetime: Duration,
    ) -> Self {
        Self {
            subject,
            tokens,
            ends: SystemTime::now() + lifetime,
            generation: 0,
        }
    }

    /// The same session with new tokens.
    pub(super) fn renewed(&self, tokens: Tokens) -> Self {
        let mut tokens = tokens;
        // A provider that does not rotate says nothing of the old one.
        if tokens.refresh.is_none() {
            tokens.refresh.clone_from(&self.tokens.refresh);
        }
        Self {
            subject: self.subject.clone(),
            tokens,
            ends: self.ends,
            generation: self.generation + 1,
        }
    }

    /// How long it has at most.
    pub(super) fn remaining(&self) -> Duration {
        let remaining = self.ends.duration_since(SystemTime::now());
        remaining.unwrap_or_default()
    }
}

/// For the store.
pub(super) fn sealed(id: &Id, value: &impl Serialize) -> Option<Vec<u8>> {
    id.seal(&serde_json::to_vec(value).ok()?)
}

/// From the store. What another version has left there is as good as nothing.
pub(super) fn opened<T: DeserializeOwned>(id: &Id, sealed: &[u8]) -> Option<T> {
    serde_json::from_slice(&id.open(sealed)?).ok()
}
