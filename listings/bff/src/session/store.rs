//! Where sessions are kept.

mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use telemetry::Telemetry;

pub use memory::Memory;
#[cfg(feature = "redis")]
pub use redis::Redis;

pub use super::id::{Key, Kind};
use crate::settings::{RedisUrl, SettingError};

// ANCHOR: store
/// What a store of sessions can do. Each is one atomic step, so that many
/// replicas can share one store.
///
/// # Errors
/// All of them fail when the store does not answer in time.
pub trait Store: Send + Sync {
    /// Keeps a value for so long.
    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        lifetime: Duration,
    ) -> Reply<'a, ()>;

    /// Keeps a value in the place of another. Where there is none any more,
    /// it stays so: what has ended does not come back.
    fn replace<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        lifetime: Duration,
    ) -> Reply<'a, bool>;

    /// Whether we are the first to claim `key`, for so long.
    fn claim<'a>(&'a self, key: &'a Key, lifetime: Duration)
    -> Reply<'a, bool>;

    /// The value, which lives for so long from now on.
    fn touch<'a>(
        &'a self,
        key: &'a Key,
        lifetime: Duration,
    ) -> Reply<'a, Option<Vec<u8>>>;

    /// The value, for the last time.
    fn take<'a>(&'a self, key: &'a Key) -> Reply<'a, Option<Vec<u8>>>;
}

/// What a store answers, in time.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, StoreError>>;
// ANCHOR_END: store

/// Why a store did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Not in time.
    #[error("no answer in time")]
    TimedOut,
    /// It cannot be reached.
    #[error("not reachable")]
    Unreachable,
    /// Whoever answers takes no writes: a replica, or not ready yet.
    #[error("it is not the primary")]
    NotPrimary,
    /// It refuses.
    #[error("it refuses")]
    Refused,
}

impl StoreError {
    /// A name out of a small set, for spans, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimedOut => "timeout",
            Self::Unreachable => "unreachable",
            Self::NotPrimary => "not_primary",
            Self::Refused => "refused",
        }
    }
}

/// The store at `redis`, if that is set, or else in this process.
///
/// # Errors
/// When the address makes no sense.
pub fn open(
    telemetry: &Telemetry,
    redis: Option<&RedisUrl>,
) -> Result<Arc<dyn Store>, SettingError> {
    match redis {
        Some(url) => shared(telemetry, url),
        None => Ok(Arc::new(Memory::default())),
    }
}

#[cfg(feature = "redis")]
fn shared(
    telemetry: &Telemetry,
    url: &RedisUrl,
) -> Result<Arc<dyn Store>, SettingError> {
    Ok(Arc::new(Redis::new(telemetry, url.secret())?))
}

/// The settings have refused an address already.
#[cfg(not(feature = "redis"))]
fn shared(_: &Telemetry, _: &RedisUrl) -> Result<Arc<dyn Store>, SettingError> {
    Err(SettingError::NotBuilt {
        name: "REDIS_URL",
        feature: "redis",
    })
}
