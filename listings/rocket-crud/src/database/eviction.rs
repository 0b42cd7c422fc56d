//! Which connections are not used again.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::any::AnyPoolOptions;

use super::{Database, Fault};

// ANCHOR: eviction
/// When a connection was last found to lead to a database without writes,
/// such as a primary that has become a standby. All that are older lead
/// there, too.
#[derive(Clone, Debug, Default)]
pub(super) struct Eviction(Arc<Mutex<Option<Instant>>>);

impl Eviction {
    /// Whether a connection of this age may be used.
    fn keeps(&self, age: Duration) -> bool {
        let found = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.is_none_or(|found| age < found.elapsed())
    }

    /// Closes what is evicted, instead of using it.
    pub(super) fn from(&self, pool: AnyPoolOptions) -> AnyPoolOptions {
        let eviction = self.clone();
        pool.before_acquire(move |_, it| {
            let keeps = eviction.keeps(it.age);
            Box::pin(async move { Ok(keeps) })
        })
    }
}

impl Database {
    /// Uses no connection again that is open now, if `error` is about the
    /// connection: the next one may lead to the new primary.
    pub fn evict_for(&self, error: &sqlx::Error) {
        if Fault::of(error) == Fault::Connection {
            let found = &self.eviction.0;
            let mut found =
                found.lock().unwrap_or_else(PoisonError::into_inner);
            *found = Some(Instant::now());
        }
    }
}
// ANCHOR_END: eviction
