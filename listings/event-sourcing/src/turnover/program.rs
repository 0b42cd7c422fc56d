//! The program around the service: settings, signals, the last telemetry.

use std::{fmt, io, time::Duration};

use service::Signals;
use sqlx::postgres::PgConnectOptions;
use telemetry::{Config, ConfigError, InstallError, Telemetry};
use tokio::sync::watch;

use super::{GROUP, Inbox, StartError, Turnover};
use crate::broker::{Broker, DESTINATION, NotAnAddress};

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

/// What the environment says.
struct Settings {
    database: PgConnectOptions,
    broker: Broker,
}

/// Why the program did not start.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// A variable is missing.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// `DATABASE_URL` makes no sense. Its value may hold a password.
    #[error("DATABASE_URL is not a URL such as postgres://user@host/database")]
    Database,
    /// `NATS_URL` makes no sense.
    #[error(transparent)]
    Nats(#[from] NotAnAddress),
    /// An `OTEL_*` variable makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The telemetry pipelines did not start.
    #[error(transparent)]
    Telemetry(#[from] telemetry::StartError),
    /// The telemetry could not be made the process's own.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The database is not ready.
    #[error(transparent)]
    Inbox(#[from] StartError),
    /// The operating system does not let us hear signals.
    #[error("cannot listen for signals: {0}")]
    Signals(#[from] io::Error),
}

impl Settings {
    fn from_env() -> Result<Self, ProgramError> {
        let variable =
            |name| std::env::var(name).map_err(|_| ProgramError::Missing(name));
        let database = variable("DATABASE_URL")?.parse();
        Ok(Self {
            database: database.map_err(|_| ProgramError::Database)?,
            broker: Broker::new(&variable("NATS_URL")?)?,
        })
    }
}

impl fmt::Display for Settings {
    /// For the operator, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = &self.database;
        writeln!(
            f,
            "DATABASE_URL=postgres://{}:***@{}/{}",
            database.get_username(),
            database.get_host(),
            database.get_database().unwrap_or_default(),
        )?;
        write!(f, "NATS_URL={}", self.broker)
    }
}

/// Takes messages in until SIGTERM or Ctrl-C.
///
/// # Errors
/// On a bad setting, or when the database is not ready. NATS need not be.
pub async fn run() -> Result<(), ProgramError> {
    let config = Config::from_env(GROUP, env!("CARGO_PKG_VERSION"))?;
    let settings = Settings::from_env()?;
    let signals = Signals::listen()?;
    let telemetry = Telemetry::start(&config)?;
    telemetry.install()?;
    eprintln!("{config}\n{settings}");

    let inbox = Inbox::start(&telemetry, settings.database).await?;
    let turnover = Turnover::new(&telemetry, settings.broker, inbox);
    println!("{GROUP} takes in {DESTINATION}");
    let (stop, stopped) = watch::channel(false);
    let running = turnover.run(stopped);
    tokio::pin!(running);
    tokio::select! {
        () = &mut running => {}
        () = signals.stop() => {
            // The message at hand is finished; the others come again.
            stop.send_replace(true);
            running.await;
        }
    }
    match telemetry.shutdown(FLUSH).await {
        Ok(delivery) => eprintln!("{GROUP}: {delivery}"),
        Err(undelivered) => eprintln!("{GROUP}: {undelivered}"),
    }
    Ok(())
}
