//! What the BFF and the identity provider share.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{Lookup, SettingError};

/// A secret of a client. It shows itself to nobody but the provider.
#[derive(Clone)]
pub struct ClientSecret {
    text: String,
    is_public: bool,
}

// ANCHOR: client-secret
impl ClientSecret {
    /// `CLIENT_SECRET`. A debug build has one that everybody knows, so that
    /// one can look around without setting anything. A release build wants a
    /// real one.
    ///
    /// # Errors
    /// When it is missing where it is needed, or too short to be one.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, SettingError> {
        const NAME: &str = "CLIENT_SECRET";
        const EXPECTED: &str = "16 characters or more: openssl rand -hex 32";
        match lookup(NAME) {
            Some(text) if text.len() >= 16 => Ok(Self {
                text,
                is_public: false,
            }),
            Some(_) => Err(SettingError::Invalid {
                name: NAME,
                expected: EXPECTED,
            }),
            None if cfg!(debug_assertions) => Ok(Self {
                text: "not a secret: for debug builds".to_owned(),
                is_public: true,
            }),
            None => Err(SettingError::Missing {
                name: NAME,
                expected: EXPECTED,
            }),
        }
    }
}
// ANCHOR_END: client-secret

impl ClientSecret {
    /// The text of it, for the one header in which it belongs.
    pub fn secret(&self) -> &str {
        &self.text
    }

    /// Whether it is this. The time that it takes says nothing about it, for
    /// what is compared is hashes.
    pub fn is(&self, text: &str) -> bool {
        Sha256::digest(&self.text) == Sha256::digest(text)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(***)")
    }
}

impl fmt::Display for ClientSecret {
    /// For the operator.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.is_public {
            true => "CLIENT_SECRET is the public one of debug builds",
            false => "CLIENT_SECRET=***",
        })
    }
}
