//! PostgreSQL, with a client span and a metric for each statement.

mod call;
mod eviction;
mod fault;

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use opentelemetry::{
    Context, KeyValue, Value,
    context::FutureExt,
    metrics::Histogram,
    trace::{SpanBuilder, SpanKind, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::{
    attribute::{
        DB_COLLECTION_NAME, DB_NAMESPACE, DB_OPERATION_NAME, DB_QUERY_SUMMARY,
        DB_QUERY_TEXT, DB_SYSTEM_NAME, SERVER_ADDRESS, SERVER_PORT,
    },
    metric::DB_CLIENT_OPERATION_DURATION,
};
use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use telemetry::Telemetry;

use call::error_type;
pub use call::sqlstate;
use eviction::Eviction;
pub use fault::Fault;

// ANCHOR: statement
/// A statement that is known when the program is compiled. Nothing a user
/// says becomes part of it.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// The SQL.
    pub text: &'static str,
    /// What it does to which tables, in short: the name of its span.
    summary: &'static str,
    /// Operation and table, if it is one of each.
    single: Option<(&'static str, &'static str)>,
}

impl Statement {
    /// One operation on one table. The summary is `{operation} {table}`.
    pub const fn one(
        summary: &'static str,
        operation: &'static str,
        table: &'static str,
        text: &'static str,
    ) -> Self {
        Self {
            text,
            summary,
            single: Some((operation, table)),
        }
    }

    /// Several operations in one statement.
    pub const fn several(summary: &'static str, text: &'static str) -> Self {
        Self {
            text,
            summary,
            single: None,
        }
    }
}
// ANCHOR_END: statement

/// A pool of connections, and what their telemetry has in common.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    eviction: Eviction,
    tracer: SdkTracer,
    duration: Histogram<f64>,
    common: Vec<KeyValue>,
}

/// Upper bounds of the buckets in seconds, as the conventions advise.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

impl Database {
    /// Connections to what `options` name. Opens the first when it is used.
    pub fn new(
        telemetry: &Telemetry,
        pool: PgPoolOptions,
        options: PgConnectOptions,
    ) -> Self {
        let database = options.get_database().unwrap_or("postgres");
        let mut common = vec![
            KeyValue::new(DB_SYSTEM_NAME, "postgresql"),
            KeyValue::new(DB_NAMESPACE, shared(format!("{database}|public"))),
        ];
        match options.get_socket() {
            Some(path) => {
                let path = shared(path.display().to_string());
                common.push(KeyValue::new(SERVER_ADDRESS, path));
            }
            None => {
                let host = shared(options.get_host().to_owned());
                common.push(KeyValue::new(SERVER_ADDRESS, host));
                let port = i64::from(options.get_port());
                common.push(KeyValue::new(SERVER_PORT, port));
            }
        }
        let meter = telemetry.meter("event_sourcing.database");
        let eviction = Eviction::default();
        Self {
            pool: eviction.from(pool).connect_lazy_with(options),
            eviction,
            tracer: telemetry.tracer("event_sourcing.database"),
            duration: meter
                .f64_histogram(DB_CLIENT_OPERATION_DURATION)
                .with_unit("s")
                .with_description("How long a statement took.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            common,
        }
    }

    /// The pool, to acquire a connection. For a transaction, see
    /// [`Database::begin`].
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a transaction, in a task of its own, which nobody cuts short.
    ///
    /// Requests and tasks are dropped where they wait. If that is between
    /// `BEGIN` and its answer, sqlx 0.9.0 gives the connection back to the
    /// pool inside a transaction that it does not know of. Whoever gets it
    /// next writes, is told that it is done, and nothing is ever committed
    /// (<https://github.com/transact-rs/sqlx/issues/4393>).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(
        &self,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin().await });
        let begun = begun.await.unwrap_or(Err(sqlx::Error::WorkerCrashed));
        begun.inspect_err(|error| self.evict_for(error))
    }
}

/// Text of which each span gets a copy, so it had better be one.
fn shared(text: String) -> Value {
    Arc::<str>::from(text).into()
}

// ANCHOR: database-run
impl Database {
    /// Awaits `work`, which executes `statement`, in a client span.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn run<T>(
        &self,
        statement: &Statement,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let call = self.start(statement, SystemTime::now());
        let result = work.with_context(call.context.clone()).await;
        call.end(&result);
        result.inspect_err(|error| self.evict_for(error))
    }

    /// The same without a span, for a question that mostly has no answer.
    /// When it has one, [`Quiet::tell`] makes up for the span.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn run_quietly<T>(
        &self,
        statement: &'static Statement,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<(T, Quiet), sqlx::Error> {
        let quiet = Quiet {
            statement,
            started: SystemTime::now(),
            clock: Instant::now(),
        };
        let result = work.await;
        let point = self.point(statement, error_type(&result));
        let seconds = quiet.clock.elapsed().as_secs_f64();
        self.duration.record(seconds, &point);
        let result = result.inspect_err(|error| self.evict_for(error));
        result.map(|found| (found, quiet))
    }
}
// ANCHOR_END: database-run

/// A statement that has run without a span.
#[derive(Debug)]
pub struct Quiet {
    statement: &'static Statement,
    /// When it began.
    pub started: SystemTime,
    clock: Instant,
}

impl Quiet {
    /// Makes the span after the fact, as a child of `parent`. It ended when
    /// this was made or, if that is later, now.
    pub fn tell(self, database: &Database, parent: &Context) {
        let span = database.span(self.statement, self.started);
        drop(database.tracer.build_with_context(span, parent));
    }
}

// ANCHOR: database-span
impl Database {
    fn span(&self, statement: &Statement, started: SystemTime) -> SpanBuilder {
        let mut attributes = self.common.clone();
        attributes.push(KeyValue::new(DB_QUERY_SUMMARY, statement.summary));
        attributes.push(KeyValue::new(DB_QUERY_TEXT, statement.text));
        if let Some((operation, table)) = statement.single {
            attributes.push(KeyValue::new(DB_OPERATION_NAME, operation));
            attributes.push(KeyValue::new(DB_COLLECTION_NAME, table));
        }
        self.tracer
            .span_builder(statement.summary)
            .with_kind(SpanKind::Client)
            .with_start_time(started)
            .with_attributes(attributes)
    }
}
// ANCHOR_END: database-span
