//! SQLite or PostgreSQL, with a client span and a metric for each statement.

mod call;
mod eviction;
mod fault;
mod pool;

use std::{sync::Arc, time::Duration};

use opentelemetry::{KeyValue, Value, context::FutureExt, metrics::Histogram};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::{
    attribute::{DB_NAMESPACE, DB_SYSTEM_NAME, SERVER_ADDRESS, SERVER_PORT},
    metric::DB_CLIENT_OPERATION_DURATION,
};
use sqlx::{
    Any, AnyPool,
    any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers},
    pool::PoolConnection,
};
use telemetry::Telemetry;
use url::Url;

use eviction::Eviction;
pub use fault::Fault;
pub use pool::PoolMetrics;

// ANCHOR: statement
/// A statement that is known when the program is compiled. Nothing a user
/// sends is ever part of its text.
#[derive(Debug)]
pub struct Statement {
    /// The name of its span: `{operation} {table}`.
    pub summary: &'static str,
    /// Its first word.
    pub operation: &'static str,
    /// What the database executes.
    pub text: &'static str,
}
// ANCHOR_END: statement

/// The one table.
const TABLE: &str = "users";

/// How long a request waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(2);

/// A pool of connections, and what their telemetry has in common.
#[derive(Clone, Debug)]
pub struct Database {
    pool: AnyPool,
    eviction: Eviction,
    tracer: SdkTracer,
    duration: Histogram<f64>,
    metrics: PoolMetrics,
    common: Vec<KeyValue>,
}

/// Upper bounds of the buckets in seconds, as the conventions advise.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

// ANCHOR: open
impl Database {
    /// Opens at most `connections` to the database at `url`.
    ///
    /// # Errors
    /// When nothing answers there.
    pub async fn open(
        telemetry: &Telemetry,
        url: &str,
        connections: u32,
    ) -> Result<Self, sqlx::Error> {
        install_default_drivers();
        let options: AnyConnectOptions = url.parse()?;
        let is_sqlite = options.database_url.scheme() == "sqlite";
        let common = common(&options.database_url);
        let eviction = Eviction::default();
        let pool = eviction
            .from(AnyPoolOptions::new())
            .max_connections(connections)
            .acquire_timeout(ACQUIRE)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if is_sqlite {
                        prepare(connection).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self::new(telemetry, pool, eviction, common))
    }
}
// ANCHOR_END: open

impl Database {
    fn new(
        telemetry: &Telemetry,
        pool: AnyPool,
        eviction: Eviction,
        common: Vec<KeyValue>,
    ) -> Self {
        let meter = telemetry.meter("rocket_crud.database");
        Self {
            metrics: PoolMetrics::new(&meter, &pool),
            pool,
            eviction,
            tracer: telemetry.tracer("rocket_crud.database"),
            duration: meter
                .f64_histogram(DB_CLIENT_OPERATION_DURATION)
                .with_unit("s")
                .with_description("How long a statement took.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            common,
        }
    }

    /// Brings the tables up to date.
    ///
    /// # Errors
    /// When the database refuses, or has tables of a later version.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        sqlx::migrate!().run(&self.pool).await
    }
}

// ANCHOR: sqlite
/// SQLite writes ahead, so that readers and the writer do not wait for each
/// other, and a second writer waits for the first.
async fn prepare(
    connection: &mut sqlx::AnyConnection,
) -> Result<(), sqlx::Error> {
    for pragma in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA busy_timeout = 5000",
    ] {
        sqlx::query(pragma).execute(&mut *connection).await?;
    }
    Ok(())
}
// ANCHOR_END: sqlite

// ANCHOR: run
impl Database {
    /// A connection, for which one may have to wait.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn acquire(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        self.metrics.wait(self.pool.acquire()).await
    }

    /// Awaits `work`, which executes `statement`, in a client span.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn run<T>(
        &self,
        statement: &Statement,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let call = self.start(statement);
        let result = work.with_context(call.context.clone()).await;
        call.end(&result);
        result.inspect_err(|error| self.evict_for(error))
    }

    /// Waits until all connections are back, and closes them.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
// ANCHOR_END: run

/// What all spans say of the database. Never its user, never a password.
fn common(url: &Url) -> Vec<KeyValue> {
    let is_sqlite = url.scheme() == "sqlite";
    let system = if is_sqlite { "sqlite" } else { "postgresql" };
    let mut common = vec![KeyValue::new(DB_SYSTEM_NAME, system)];
    if is_sqlite {
        return common;
    }
    let database = url.path().trim_start_matches('/');
    common.push(KeyValue::new(DB_NAMESPACE, shared(database)));
    // `?host=/run/postgresql` is the folder of a Unix socket.
    let socket = url.query_pairs().find(|(name, _)| name == "host");
    if let Some((_, folder)) = socket {
        common.push(KeyValue::new(SERVER_ADDRESS, shared(&folder)));
        return common;
    }
    let host = url.host_str().unwrap_or("localhost");
    common.push(KeyValue::new(SERVER_ADDRESS, shared(host)));
    let port = i64::from(url.port().unwrap_or(5432));
    common.push(KeyValue::new(SERVER_PORT, port));
    common
}

/// Text of which each span gets a copy, so it had better be one.
fn shared(text: &str) -> Value {
    Arc::<str>::from(text).into()
}
