//! Few threads for queries, and a short queue in front of them.
//!
//! A query computes for long, so no thread of the async runtime runs it. And a
//! machine with two cores gains nothing from a hundred queries at a time: they
//! would only need the memory of a hundred.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use opentelemetry::metrics::{Histogram, Meter};
use telemetry::carry;
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
    time::timeout,
};

use crate::valve::{Reason, Valve};

/// Upper bounds of the buckets in seconds.
const SECONDS: [f64; 9] =
    [0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// Why a query has no result.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// So many wait already that this one would not be answered in time.
    #[error("too many queries wait")]
    Full,
    /// It took too long, and has been told to stop.
    #[error("the query took too long")]
    TimedOut,
    /// It panicked.
    #[error("the query crashed: {0}")]
    Crashed(#[from] JoinError),
}

/// Runs queries, a few at a time.
#[derive(Clone, Debug)]
pub struct Pool {
    /// One for each query that runs or waits.
    places: Arc<Semaphore>,
    /// One for each query that runs.
    turns: Arc<Semaphore>,
    size: u16,
    wait: Histogram<f64>,
}

impl Pool {
    /// A pool in which `running` queries run while `waiting` more wait.
    pub fn new(meter: &Meter, running: u16, waiting: u16) -> Self {
        let all = usize::from(running) + usize::from(waiting);
        let places = Arc::new(Semaphore::new(all));
        let turns = Arc::new(Semaphore::new(running.into()));
        gauge(meter, &turns, running.into(), "polars.pool.running", "run");
        gauge(meter, &places, all, "polars.pool.admitted", "run or wait");
        let wait = meter
            .f64_histogram("polars.pool.wait_time")
            .with_unit("s")
            .with_description("Time that a query waited for its turn.")
            .with_boundaries(SECONDS.to_vec())
            .build();
        Self {
            places,
            turns,
            size: running,
            wait,
        }
    }
}

// ANCHOR: pool-run
impl Pool {
    /// Runs `work` on a thread of its own, in the context of the caller, as
    /// soon as it is its turn.
    ///
    /// What takes longer than `limit`, waiting included, has its valve shut,
    /// and so has what nobody waits for any more, because this future has been
    /// dropped. It keeps its turn until it has stopped. Where the time is up
    /// before it begins, it finds its valve shut.
    ///
    /// # Errors
    /// When too many wait, and when `work` takes too long or panics.
    pub async fn run<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&Valve) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| PoolError::Full)?;
        let valve = Valve::default();
        let _guard = valve.guard();
        let clock = Instant::now();
        let done = async {
            let turn = Arc::clone(&self.turns).acquire_owned().await;
            self.wait.record(clock.elapsed().as_secs_f64(), &[]);
            let work = move || {
                let _held = (place, turn);
                if clock.elapsed() >= limit {
                    valve.shut(Reason::Unwanted);
                }
                work(&valve)
            };
            Ok(spawn_blocking(carry::closure(work)).await?)
        };
        timeout(limit, done)
            .await
            .unwrap_or(Err(PoolError::TimedOut))
    }
}
// ANCHOR_END: pool-run

impl Pool {
    /// Waits until no query runs: until those that were told to stop have.
    pub async fn rest(&self) {
        // It is never closed, so that this cannot fail.
        let _ = self.turns.acquire_many(self.size.into()).await;
    }
}

fn gauge(
    meter: &Meter,
    permits: &Arc<Semaphore>,
    all: usize,
    name: &'static str,
    what: &str,
) {
    let permits = Arc::clone(permits);
    meter
        .i64_observable_up_down_counter(name)
        .with_unit("{query}")
        .with_description(format!("Queries that {what}."))
        .with_callback(move |now| {
            let taken = all.saturating_sub(permits.available_permits());
            now.observe(crate::observed::count(taken), &[]);
        })
        .build();
}
