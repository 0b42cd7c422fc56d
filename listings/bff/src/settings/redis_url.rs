//! Where Redis is, which may hold a password.

use std::fmt;

use super::{Lookup, SettingError};

/// The URL of a Redis server. It shows where the server is, and to nobody
/// else than the server who we are.
#[derive(Clone)]
pub struct RedisUrl(String);

impl RedisUrl {
    /// `REDIS_URL`, for a program that knows how to talk to it.
    pub(super) fn from_lookup(
        lookup: Lookup<'_>,
    ) -> Result<Option<Self>, SettingError> {
        let url = lookup("REDIS_URL").map(Self);
        url.map(Self::checked).transpose()
    }

    #[cfg(feature = "redis")]
    fn checked(self) -> Result<Self, SettingError> {
        use redis::IntoConnectionInfo;

        match self.secret().into_connection_info() {
            Ok(_) => Ok(self),
            Err(_) => Err(SettingError::Invalid {
                name: "REDIS_URL",
                expected: "a URL such as redis://:password@host:6379",
            }),
        }
    }

    #[cfg(not(feature = "redis"))]
    fn checked(self) -> Result<Self, SettingError> {
        Err(SettingError::NotBuilt {
            name: "REDIS_URL",
            feature: "redis",
        })
    }

    /// The text of it, for the one who connects.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RedisUrl {
    /// For the operator, without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        write!(f, "{scheme}://{place}")
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}
