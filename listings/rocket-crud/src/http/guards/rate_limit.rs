//! How often somebody may call.

use std::{collections::HashMap, num::NonZeroU32, sync::Arc};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use opentelemetry::metrics::{Counter, Meter};

use crate::{
    http::{Problem, kinds},
    settings::{ApiKeys, Caller},
};

// ANCHOR: rate-limits
/// A bucket for each caller, and one for all who are nobody.
///
/// Strangers share a bucket, so that to guess keys is slow as well. There is
/// none for each client address: behind a proxy that is the proxy's, and what
/// a client says of itself is anybody's.
pub struct RateLimits {
    callers: HashMap<Arc<str>, DefaultDirectRateLimiter>,
    strangers: DefaultDirectRateLimiter,
    clock: DefaultClock,
    rejections: Counter<u64>,
}

impl RateLimits {
    /// Buckets of `burst` requests, which fill up at `per_second`.
    pub fn new(
        keys: &ApiKeys,
        per_second: NonZeroU32,
        burst: NonZeroU32,
        meter: &Meter,
    ) -> Self {
        let quota = Quota::per_second(per_second).allow_burst(burst);
        let bucket =
            |name: &Arc<str>| (Arc::clone(name), RateLimiter::direct(quota));
        Self {
            callers: keys.names().map(bucket).collect(),
            strangers: RateLimiter::direct(quota),
            clock: DefaultClock::default(),
            rejections: meter
                .u64_counter("rocket_crud.rate_limit.rejections")
                .with_unit("{request}")
                .with_description("Requests of callers who ask too often.")
                .build(),
        }
    }
}
// ANCHOR_END: rate-limits

// ANCHOR: check
impl RateLimits {
    /// Takes a request out of the bucket of `caller`.
    ///
    /// # Errors
    /// When it is empty: 429, and when to come back.
    pub fn check(&self, caller: Option<&Caller>) -> Result<(), Problem> {
        let own = caller.and_then(|caller| self.callers.get(&caller.name));
        let bucket = own.unwrap_or(&self.strangers);
        bucket.check().map_err(|refused| {
            self.rejections.add(1, &[]);
            let wait = refused.wait_time_from(self.clock.now());
            let seconds = wait.as_secs_f64().ceil().max(1.0);
            Problem::new(&kinds::TOO_MANY_REQUESTS)
                .header("Retry-After", format!("{seconds}"))
        })
    }
}
// ANCHOR_END: check
