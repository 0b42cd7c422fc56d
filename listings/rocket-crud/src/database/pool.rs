//! How busy the pool is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use opentelemetry::{
    KeyValue,
    metrics::{Histogram, Meter},
};
use opentelemetry_semantic_conventions::{
    attribute::{DB_CLIENT_CONNECTION_POOL_NAME, DB_CLIENT_CONNECTION_STATE},
    metric::{
        DB_CLIENT_CONNECTION_COUNT, DB_CLIENT_CONNECTION_MAX,
        DB_CLIENT_CONNECTION_PENDING_REQUESTS, DB_CLIENT_CONNECTION_WAIT_TIME,
    },
};
use sqlx::AnyPool;

/// The one pool there is.
const POOL: &str = "users";

/// Upper bounds of the buckets in seconds, as the conventions advise.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// The metrics of a pool that the conventions name.
#[derive(Clone, Debug)]
pub struct PoolMetrics {
    waiting: Arc<AtomicI64>,
    wait: Histogram<f64>,
}

// ANCHOR: pool-metrics
impl PoolMetrics {
    /// Observes `pool` whenever metrics are collected.
    pub fn new(meter: &Meter, pool: &AnyPool) -> Self {
        let waiting = Arc::new(AtomicI64::new(0));
        let max = i64::from(pool.options().get_max_connections());
        let (counted, pending) = (pool.clone(), Arc::clone(&waiting));
        meter
            .i64_observable_up_down_counter(DB_CLIENT_CONNECTION_COUNT)
            .with_unit("{connection}")
            .with_callback(move |count| {
                let idle = counted.num_idle() as i64;
                let open = i64::from(counted.size());
                count.observe(idle, &[pool_name(), state("idle")]);
                let used = (open - idle).max(0);
                count.observe(used, &[pool_name(), state("used")]);
            })
            .build();
        meter
            .i64_observable_up_down_counter(DB_CLIENT_CONNECTION_MAX)
            .with_unit("{connection}")
            .with_callback(move |most| most.observe(max, &[pool_name()]))
            .build();
        meter
            .i64_observable_up_down_counter(
                DB_CLIENT_CONNECTION_PENDING_REQUESTS,
            )
            .with_unit("{request}")
            .with_callback(move |requests| {
                let waiting = pending.load(Ordering::Relaxed);
                requests.observe(waiting, &[pool_name()]);
            })
            .build();
        let wait = meter.f64_histogram(DB_CLIENT_CONNECTION_WAIT_TIME);
        let wait = wait.with_unit("s").with_boundaries(SECONDS.to_vec());
        Self {
            waiting,
            wait: wait.build(),
        }
    }
}
// ANCHOR_END: pool-metrics

// ANCHOR: pool-wait
impl PoolMetrics {
    /// Measures how long `acquire` takes.
    pub(super) async fn wait<T>(&self, acquire: impl Future<Output = T>) -> T {
        let _waiting = Waiting::new(&self.waiting);
        let started = Instant::now();
        let acquired = acquire.await;
        let seconds = started.elapsed().as_secs_f64();
        self.wait.record(seconds, &[pool_name()]);
        acquired
    }
}
// ANCHOR_END: pool-wait

/// Counts a request among the waiting ones, even if it is given up.
struct Waiting<'a>(&'a AtomicI64);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicI64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn pool_name() -> KeyValue {
    KeyValue::new(DB_CLIENT_CONNECTION_POOL_NAME, POOL)
}

fn state(state: &'static str) -> KeyValue {
    KeyValue::new(DB_CLIENT_CONNECTION_STATE, state)
}
