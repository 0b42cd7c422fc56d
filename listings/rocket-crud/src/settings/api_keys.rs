//! Who may call, and by which key.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, de};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use utoipa::ToSchema;

/// A key that can be guessed is no key.
const SHORTEST: usize = 16;

/// For debug builds, so that one can look around without setting anything.
const PUBLIC: &str =
    "admin:ada:not-a-secret-admin,member:bob:not-a-secret-member";

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Read, add and change users.
    Member,
    /// Remove and export them, too.
    Admin,
}

/// Who has called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// A name for the operator.
    pub name: Arc<str>,
    /// What they may do.
    pub role: Role,
}

/// The callers and the digests of their keys: the keys themselves are not
/// kept.
#[derive(Clone)]
pub struct ApiKeys {
    callers: Vec<([u8; 32], Caller)>,
    are_public: bool,
}

// ANCHOR: caller-of
impl ApiKeys {
    /// Whose key this is.
    ///
    /// Digests are compared, all of them and each in full, so that the time it
    /// takes tells nothing of how near a guess has come.
    pub fn caller_of(&self, key: &str) -> Option<&Caller> {
        let digest = digest(key);
        let mut found = u32::MAX;
        for (index, (known, _)) in (0u32..).zip(&self.callers) {
            let is_it: Choice = known.ct_eq(&digest);
            found.conditional_assign(&index, is_it);
        }
        let (_, caller) = self.callers.get(usize::try_from(found).ok()?)?;
        Some(caller)
    }
}
// ANCHOR_END: caller-of

impl ApiKeys {
    /// The names of all callers.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.callers.iter().map(|(_, caller)| &caller.name)
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

impl Default for ApiKeys {
    /// Nobody in a release build. In a debug build, two whom all know.
    fn default() -> Self {
        let none = Self {
            callers: Vec::new(),
            are_public: false,
        };
        match cfg!(debug_assertions) {
            true => PUBLIC.parse().map_or(none, |public: Self| Self {
                are_public: true,
                ..public
            }),
            false => none,
        }
    }
}

/// The text is not a list of callers.
#[derive(Debug, thiserror::Error)]
#[error(
    "API_KEYS is not a list of role:name:key, separated by commas, with a \
     role of member or admin and a key of at least {SHORTEST} characters"
)]
pub struct ApiKeysError;

// ANCHOR: parse-keys
impl FromStr for ApiKeys {
    type Err = ApiKeysError;

    /// `admin:ada:KEY,member:bob:KEY`
    fn from_str(text: &str) -> Result<Self, ApiKeysError> {
        let caller = |entry: &str| {
            let (role, rest) = entry.trim().split_once(':')?;
            let (name, key) = rest.split_once(':')?;
            let role = match role {
                "member" => Role::Member,
                "admin" => Role::Admin,
                _ => return None,
            };
            let caller = Caller {
                name: name.into(),
                role,
            };
            let does = !name.is_empty() && key.len() >= SHORTEST;
            does.then(|| (digest(key), caller))
        };
        let callers: Option<Vec<_>> = text.split(',').map(caller).collect();
        Ok(Self {
            callers: callers.ok_or(ApiKeysError)?,
            are_public: false,
        })
    }
}
// ANCHOR_END: parse-keys

impl<'de> Deserialize<'de> for ApiKeys {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for ApiKeys {
    /// For the operator, without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let callers = self.callers.len();
        match self.are_public {
            true => write!(f, "API_KEYS are the public ones of debug builds"),
            false => write!(f, "API_KEYS={callers} callers"),
        }
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
