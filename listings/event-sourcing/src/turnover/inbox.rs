//! What has been taken in: the sums, and of which events they are.

use sqlx::{
    ConnectOptions,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use telemetry::Telemetry;
use time::Date;
use uuid::Uuid;

use super::GROUP;
use crate::{
    database::{Database, Statement},
    domain::Currency,
};

/// The schema of this service's own database.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations-turnover");

/// One message at a time needs one connection, and a look by hand another.
const CONNECTIONS: u32 = 2;

/// The sums, in PostgreSQL.
#[derive(Clone, Debug)]
pub struct Inbox {
    database: Database,
}

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
#[error("the schema of turnover could not be brought up to date: {0}")]
pub struct StartError(#[from] MigrateError);

/// What an event adds to the sums.
pub(super) struct Entry {
    pub(super) event_id: Uuid,
    pub(super) day: Date,
    pub(super) currency: Currency,
    pub(super) deposited: i64,
    pub(super) withdrawn: i64,
}

impl Inbox {
    /// Sums in the database that `options` name. What they give as the name
    /// of the application, such as a host's name, is noted in the inbox.
    ///
    /// # Errors
    /// When it does not answer, or its schema is another program's.
    pub async fn start(
        telemetry: &Telemetry,
        options: PgConnectOptions,
    ) -> Result<Self, StartError> {
        let name = options.get_application_name().unwrap_or(GROUP).to_owned();
        let options = options
            .application_name(&name)
            .options([("lock_timeout", "2s"), ("statement_timeout", "5s")])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(std::time::Duration::from_secs(2));
        let database = Database::new(telemetry, pool, options);
        MIGRATIONS.run(database.pool()).await?;
        Ok(Self { database })
    }
}

// ANCHOR: apply-statement
/// The event's id and what it adds, or neither. When two processes have the
/// same message, the second waits at the id until the first has committed,
/// and then adds nothing.
const APPLY: Statement = Statement::several(
    "INSERT inbox daily_turnover",
    "WITH new AS (
         INSERT INTO inbox (event_id) VALUES ($1)
         ON CONFLICT DO NOTHING RETURNING event_id
     )
     INSERT INTO daily_turnover AS sum
         (day, currency, deposited_minor, withdrawn_minor, events)
     SELECT $2, $3, $4, $5, 1 FROM new
     ON CONFLICT (day, currency) DO UPDATE SET
         deposited_minor = sum.deposited_minor + excluded.deposited_minor,
         withdrawn_minor = sum.withdrawn_minor + excluded.withdrawn_minor,
         events = sum.events + 1",
);
// ANCHOR_END: apply-statement

impl Inbox {
    /// Adds `entry` to the sums, unless it is in there. Says whether it has.
    pub(super) async fn apply(
        &self,
        entry: &Entry,
    ) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(APPLY.text)
            .bind(entry.event_id)
            .bind(entry.day)
            .bind(entry.currency.as_str())
            .bind(entry.deposited)
            .bind(entry.withdrawn);
        let applying = query.execute(self.database.pool());
        let applied = self.database.run(&APPLY, applying).await?;
        Ok(applied.rows_affected() == 1)
    }
}
