//! Sessions in this process: for one replica, and gone with it.

use std::{
    future::ready,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use moka::{
    Expiry,
    future::Cache,
    ops::compute::{CompResult, Op},
    policy::EvictionPolicy,
};

use super::{Key, Kind, Reply, Store};

/// The most sessions, and the most of everything else.
const MOST: u64 = 100_000;

// ANCHOR: memory
/// A store that is bounded. A flood of half-finished sign-ins pushes out other
/// half-finished sign-ins, and nobody who is signed in.
pub struct Memory {
    sessions: Cache<Key, Kept>,
    logins: Cache<Key, Kept>,
    refreshes: Cache<Key, Kept>,
}

#[derive(Clone)]
struct Kept {
    value: Vec<u8>,
    until: Instant,
}

impl Kept {
    fn new(value: Vec<u8>, lifetime: Duration) -> Self {
        let until = Instant::now() + lifetime;
        Self { value, until }
    }
}
// ANCHOR_END: memory

/// Each value says for itself how long it lives.
struct Lifetime;

impl Expiry<Key, Kept> for Lifetime {
    fn expire_after_create(
        &self,
        _: &Key,
        kept: &Kept,
        now: Instant,
    ) -> Option<Duration> {
        Some(kept.until.saturating_duration_since(now))
    }

    fn expire_after_update(
        &self,
        _: &Key,
        kept: &Kept,
        now: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.until.saturating_duration_since(now))
    }
}

impl Default for Memory {
    fn default() -> Self {
        let cache = || {
            Cache::builder()
                .max_capacity(MOST)
                .eviction_policy(EvictionPolicy::lru())
                .expire_after(Lifetime)
                .build()
        };
        Self {
            sessions: cache(),
            logins: cache(),
            refreshes: cache(),
        }
    }
}

impl Memory {
    fn cache(&self, key: &Key) -> &Cache<Key, Kept> {
        match key.kind() {
            Kind::Session => &self.sessions,
            Kind::Login => &self.logins,
            Kind::Refresh => &self.refreshes,
        }
    }

    /// Puts something else in the place of what is there, if anything is.
    async fn change(
        &self,
        key: &Key,
        change: impl FnOnce(Kept) -> Kept,
    ) -> Option<Kept> {
        let entry = self.cache(key).entry(key.clone());
        let result = entry.and_compute_with(|entry| {
            ready(match entry {
                Some(entry) => Op::Put(change(entry.into_value())),
                None => Op::Nop,
            })
        });
        match result.await {
            CompResult::ReplacedWith(entry) => Some(entry.into_value()),
            _ => None,
        }
    }
}

impl Store for Memory {
    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        lifetime: Duration,
    ) -> Reply<'a, ()> {
        let kept = Kept::new(value, lifetime);
        let put = self.cache(key).insert(key.clone(), kept);
        put.map(Ok).boxed()
    }

    fn replace<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        lifetime: Duration,
    ) -> Reply<'a, bool> {
        let change = self.change(key, move |_| Kept::new(value, lifetime));
        change.map(|kept| Ok(kept.is_some())).boxed()
    }

    fn claim<'a>(
        &'a self,
        key: &'a Key,
        lifetime: Duration,
    ) -> Reply<'a, bool> {
        let entry = self.cache(key).entry(key.clone());
        let claim = entry.or_insert(Kept::new(Vec::new(), lifetime));
        claim.map(|entry| Ok(entry.is_fresh())).boxed()
    }

    fn touch<'a>(
        &'a self,
        key: &'a Key,
        lifetime: Duration,
    ) -> Reply<'a, Option<Vec<u8>>> {
        let touch =
            self.change(key, move |kept| Kept::new(kept.value, lifetime));
        touch.map(|kept| Ok(kept.map(|kept| kept.value))).boxed()
    }

    fn take<'a>(&'a self, key: &'a Key) -> Reply<'a, Option<Vec<u8>>> {
        let take = self.cache(key).remove(key);
        // moka removes what has ended at its leisure, and until then it
        // would be taken all the same.
        let is_good = |kept: &Kept| Instant::now() < kept.until;
        let take = take.map(move |kept| kept.filter(is_good));
        take.map(|kept| Ok(kept.map(|kept| kept.value))).boxed()
    }
}

#[cfg(test)]
impl Memory {
    /// Waits until what is too much is gone.
    pub(super) async fn settle(&self) {
        self.logins.run_pending_tasks().await;
    }

    pub(super) fn size(&self) -> u64 {
        self.sessions.entry_count() + self.logins.entry_count()
    }
}
