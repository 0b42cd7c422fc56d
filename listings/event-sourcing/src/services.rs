//! Everything the program is made of, put together once.

use std::{sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions,
    migrate::{AppliedMigration, Migrate, MigrateError, Migration, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use telemetry::Telemetry;

use crate::{
    accounts::Accounts,
    bank::Bank,
    codec::{self, IncompleteChain},
    database::Database,
    instruments::Instruments,
    projections::{Pace, Projections, Running},
    settings::Settings,
    store::{EventStore, RestoredFromTheFuture},
    vault::Vault,
    wakeup::Wakeup,
};
#[cfg(feature = "nats")]
use crate::{
    broker::{Broker, NotAnAddress},
    relay::Relay,
};

/// The schema, step by step. A program that starts takes the missing steps.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a request waits for a connection before it is turned away.
const ACQUIRE: Duration = Duration::from_secs(2);

// ANCHOR: services
/// The parts of the program. A clone is another handle to the same parts.
#[derive(Clone)]
pub struct Services {
    /// PostgreSQL.
    pub database: Database,
    /// The log.
    pub store: EventStore,
    /// States, out of the log.
    pub accounts: Accounts,
    /// The write side.
    pub bank: Bank,
    /// Personal data.
    pub vault: Vault,
    /// The read side.
    pub projections: Projections,
    /// Sends events on, if there is somewhere to send them to.
    #[cfg(feature = "nats")]
    pub relay: Option<Relay>,
    /// What the write side measures.
    pub instruments: Arc<Instruments>,
    /// Tells readers of the feed that there is something new.
    pub wakeup: Wakeup,
}
// ANCHOR_END: services

/// Why the parts do not go together.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Events of an old version could not be read.
    #[error(transparent)]
    Chain(#[from] IncompleteChain),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date: {0}")]
    Migrate(#[from] MigrateError),
    /// Readers of the feed would wait for ever.
    #[error(transparent)]
    Restored(#[from] RestoredFromTheFuture),
    /// Nobody can send events there.
    #[cfg(feature = "nats")]
    #[error(transparent)]
    Nats(#[from] NotAnAddress),
}

// ANCHOR: start
impl Services {
    /// Puts the parts together, brings the schema up to date, and refuses to
    /// start where events would be lost.
    ///
    /// # Errors
    /// When an old event could not be read, or the database does not do.
    pub async fn start(
        telemetry: &Telemetry,
        settings: &Settings,
    ) -> Result<Self, StartError> {
        codec::check_chains()?;
        let services = Self::new(telemetry, settings);
        #[cfg(feature = "nats")]
        let services = services.with_relay(telemetry, settings)?;
        migrate(&settings.database).await?;
        services.store.check_not_from_the_future().await?;
        Ok(services)
    }
}
// ANCHOR_END: start

impl Services {
    fn new(telemetry: &Telemetry, settings: &Settings) -> Self {
        let options = with_limits(settings.database.clone());
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(ACQUIRE);
        let database = Database::new(telemetry, pool, options);
        let instruments = Arc::new(Instruments::new(telemetry));
        let wakeup = Wakeup::default();
        let store = EventStore::new(
            telemetry,
            database.clone(),
            Arc::clone(&instruments),
            wakeup.clone(),
        );
        let accounts = Accounts::new(
            store.clone(),
            settings.snapshot_every,
            Arc::clone(&instruments),
        );
        let bank = Bank::new(
            store.clone(),
            accounts.clone(),
            Arc::clone(&instruments),
        );
        Self {
            projections: Projections::new(
                telemetry,
                store.clone(),
                bank.clone(),
                wakeup.clone(),
                Pace::default(),
            ),
            bank,
            vault: Vault::new(database.clone(), &settings.master_key),
            #[cfg(feature = "nats")]
            relay: None,
            database,
            store,
            accounts,
            instruments,
            wakeup,
        }
    }
}

// ANCHOR: follow
impl Services {
    /// Starts everybody who follows the feed.
    pub fn follow(&self) -> Running {
        #[allow(unused_mut, reason = "it is changed for a relay")]
        let mut running = self.projections.spawn();
        #[cfg(feature = "nats")]
        if let Some(relay) = &self.relay {
            self.projections.add(&mut running, relay.clone());
        }
        running
    }
}
// ANCHOR_END: follow

#[cfg(feature = "nats")]
impl Services {
    fn with_relay(
        self,
        telemetry: &Telemetry,
        settings: &Settings,
    ) -> Result<Self, NotAnAddress> {
        let broker = settings.nats.as_deref().map(Broker::new).transpose()?;
        let relay = broker.map(|broker| Relay::new(telemetry, broker));
        Ok(Self { relay, ..self })
    }
}

// ANCHOR: migrate
/// Takes the steps that are missing. Where none is, that is not even tried: a
/// role that may use the tables need not be one that may make them.
///
/// On a connection without limits: a second process waits for the first, and
/// a step may take its time.
async fn migrate(database: &PgConnectOptions) -> Result<(), MigrateError> {
    let mut connection = database.connect().await?;
    let taken = connection.list_applied_migrations("_sqlx_migrations").await;
    let taken = taken.unwrap_or_default();
    let is_taken = |(step, taken): (&Migration, &AppliedMigration)| {
        step.version == taken.version && step.checksum == taken.checksum
    };
    if taken.len() == MIGRATIONS.iter().count()
        && MIGRATIONS.iter().zip(&taken).all(is_taken)
    {
        return Ok(());
    }
    MIGRATIONS.run(&mut connection).await
}
// ANCHOR_END: migrate

// ANCHOR: limits
/// Nothing waits for ever: not for a lock, not for a slow statement, and not
/// for a transaction that somebody forgot. The last would stop the feed.
fn with_limits(options: PgConnectOptions) -> PgConnectOptions {
    options
        .application_name("event-sourcing")
        .options([
            ("lock_timeout", "2s"),
            ("statement_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "10s"),
        ])
        .disable_statement_logging()
}
// ANCHOR_END: limits
