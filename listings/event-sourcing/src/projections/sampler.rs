//! What one looks at to see whether the read side is well: gauges, fed by a
//! look at the database every few seconds.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::{KeyValue, metrics::Meter};
use sqlx::FromRow;
use telemetry::Telemetry;
use tokio::time::{Instant, sleep};

use super::{ProjectionStatus, Shared, status::STATUS};
use crate::database::{Database, Statement};

// ANCHOR: sampler-statements
/// The age of the oldest transaction that may write. Events that are newer
/// wait for it. A transaction that only reads has no id, and hides nothing.
const FENCE: Statement = Statement::several(
    "SELECT pg_stat_activity",
    "SELECT coalesce(greatest(0, extract(
                epoch FROM clock_timestamp() - min(since)))::float8, 0)
     FROM (
         SELECT xact_start AS since FROM pg_stat_activity
         WHERE backend_xid IS NOT NULL
         UNION ALL
         SELECT prepared FROM pg_prepared_xacts
     ) AS open",
);

/// Events that were passed and not processed. It is always 0, and a lag of 0
/// does not prove it.
const MISSING: Statement = Statement::several(
    "SELECT projections",
    "SELECT p.name, p.revision,
            (SELECT count(*) FROM events e
             WHERE (e.tx_id, e.position) <= (p.tx_id, p.position))
            - p.processed AS missing
     FROM projections p WHERE p.status <> 'retired'",
);

/// Transfers that did not come to their end at once.
const HELD: Statement = Statement::several(
    "SELECT held_transfers",
    "SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
            count(*) FILTER (WHERE state = 'parked') AS parked
     FROM held_transfers",
);
// ANCHOR_END: sampler-statements

/// What the last looks have shown.
#[derive(Debug, Default)]
struct Seen {
    status: Vec<ProjectionStatus>,
    missing: Vec<Missing>,
    fence_age: Option<f64>,
    held: Option<Held>,
}

#[derive(Clone, Copy, Debug, FromRow)]
struct Held {
    waiting: i64,
    parked: i64,
}

#[derive(Debug, FromRow)]
struct Missing {
    name: String,
    revision: i32,
    missing: i64,
}

/// Looks at the database now and then.
#[derive(Debug)]
pub(super) struct Sampler(Arc<Mutex<Seen>>);

impl Sampler {
    /// Registers the gauges, which show nothing before the first look.
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        let seen = Arc::default();
        register(&telemetry.meter("event_sourcing.projections"), &seen);
        Self(seen)
    }

    fn note(&self, status: Vec<ProjectionStatus>, fence_age: f64, held: Held) {
        let mut seen = self.seen();
        seen.status = status;
        seen.fence_age = Some(fence_age);
        seen.held = Some(held);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.0)
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn register(meter: &Meter, seen: &Arc<Mutex<Seen>>) {
    gauge_lag(meter, seen);
    gauge_losses(meter, seen);
    gauge_held(meter, seen);
}

// ANCHOR: gauges
fn gauge_lag(meter: &Meter, seen: &Arc<Mutex<Seen>>) {
    let of = Arc::clone(seen);
    meter
        .i64_observable_gauge("es.projection.lag.events")
        .with_unit("{event}")
        .with_description("Events that a projection has not processed yet.")
        .with_callback(move |gauge| {
            for it in &lock(&of).status {
                gauge.observe(it.lag_events, &labels(&it.name, it.revision));
            }
        })
        .build();
    let of = Arc::clone(seen);
    meter
        .f64_observable_gauge("es.projection.lag.time")
        .with_unit("s")
        .with_description("The age of the oldest event not processed yet.")
        .with_callback(move |gauge| {
            for it in &lock(&of).status {
                gauge.observe(it.lag_seconds, &labels(&it.name, it.revision));
            }
        })
        .build();
}
// ANCHOR_END: gauges

fn gauge_losses(meter: &Meter, seen: &Arc<Mutex<Seen>>) {
    let of = Arc::clone(seen);
    meter
        .i64_observable_gauge("es.feed.missing")
        .with_unit("{event}")
        .with_description("Events that were passed and not processed.")
        .with_callback(move |gauge| {
            for it in &lock(&of).missing {
                gauge.observe(it.missing, &labels(&it.name, it.revision));
            }
        })
        .build();
    let of = Arc::clone(seen);
    meter
        .f64_observable_gauge("es.feed.fence.age")
        .with_unit("s")
        .with_description("The age of the oldest transaction that may write.")
        .with_callback(move |gauge| {
            if let Some(age) = lock(&of).fence_age {
                gauge.observe(age, &[]);
            }
        })
        .build();
}

fn gauge_held(meter: &Meter, seen: &Arc<Mutex<Seen>>) {
    let of = Arc::clone(seen);
    meter
        .i64_observable_gauge("es.transfer.held")
        .with_unit("{transfer}")
        .with_description("Transfers that did not end at once.")
        .with_callback(move |gauge| {
            if let Some(Held { waiting, parked }) = lock(&of).held {
                for (state, count) in [("waiting", waiting), ("parked", parked)]
                {
                    let state = KeyValue::new("es.transfer.state", state);
                    gauge.observe(count, &[state]);
                }
            }
        })
        .build();
}

fn labels(name: &str, revision: i32) -> [KeyValue; 2] {
    [
        KeyValue::new("es.projection.name", name.to_owned()),
        KeyValue::new("es.projection.revision", i64::from(revision)),
    ]
}

// ANCHOR: sample
/// Looks, for ever.
pub(super) async fn sample(shared: Arc<Shared>) {
    let database = shared.store.database();
    let mut counted: Option<Instant> = None;
    loop {
        let due = counted.is_none_or(|at| at.elapsed() >= shared.pace.count);
        if let Err(error) = look(database, &shared.sampler, due).await {
            // Old numbers would look like good ones.
            *shared.sampler.seen() = Seen::default();
            tracing::debug!(name: "sample.failed", "{error}");
        } else if due && !shared.sampler.seen().missing.is_empty() {
            // At the first look there may be no projection yet.
            counted = Some(Instant::now());
        }
        sleep(shared.pace.sample).await;
    }
}

async fn look(
    database: &Database,
    sampler: &Sampler,
    count: bool,
) -> Result<(), sqlx::Error> {
    let pool = database.pool();
    let query = sqlx::query_as(STATUS.text).fetch_all(pool);
    let (status, _) = database.run_quietly(&STATUS, query).await?;
    let query = sqlx::query_scalar(FENCE.text).fetch_one(pool);
    let (fence_age, _) = database.run_quietly(&FENCE, query).await?;
    let query = sqlx::query_as(HELD.text).fetch_one(pool);
    let (held, _) = database.run_quietly(&HELD, query).await?;
    sampler.note(status, fence_age, held);
    if count {
        let query = sqlx::query_as(MISSING.text).fetch_all(pool);
        let (missing, _) = database.run_quietly(&MISSING, query).await?;
        sampler.seen().missing = missing;
    }
    Ok(())
}
// ANCHOR_END: sample
