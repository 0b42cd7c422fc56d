//! What the program does around its routes: configure, listen, serve, stop.

// ANCHOR: imports
use std::{io, net::SocketAddr, process::ExitCode, time::Duration};

use service::Signals;
use sqlx::{Connection, PgConnection};
use telemetry::{Config, ConfigError, InstallError, Telemetry};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};

use crate::{
    http,
    projections::Running,
    services::{Services, StartError},
    settings::{SettingError, Settings},
};
// ANCHOR_END: imports

const NAME: &str = "event-sourcing";

/// How long the database may take to answer when the program starts.
const REACH: Duration = Duration::from_secs(5);

/// How long what runs in the background gets to stop.
const STOP: Duration = Duration::from_secs(5);

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

/// Why the program did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// A variable of ours has a value that makes no sense.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// An `OTEL_*` variable has a value that makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The telemetry pipelines did not start.
    #[error(transparent)]
    Telemetry(#[from] telemetry::StartError),
    /// The telemetry could not be made the process's own.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// Nothing answers where the database should be.
    #[error("cannot reach the database: {0}; see DATABASE_URL")]
    Unreachable(sqlx::Error),
    /// The parts do not go together.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The address to listen on is taken, or not ours.
    #[error("cannot listen on {address}: {cause}; set LISTEN_ADDR to another")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The operating system refuses what every server needs.
    #[error("the server failed: {0}")]
    Server(#[from] io::Error),
}

// ANCHOR: run
/// Runs the bank until SIGTERM or Ctrl-C.
///
/// # Errors
/// On a bad setting, a database that does not do, a taken port, or a server
/// that fails. Telemetry that did not arrive is reported and fails nothing.
pub async fn run() -> Result<(), ProgramError> {
    let settings = Settings::from_env()?;
    let config = Config::from_env(NAME, env!("CARGO_PKG_VERSION"))?;
    let telemetry = Telemetry::start(&config)?;
    telemetry.install()?;
    eprintln!("{settings}\n{config}");

    reach_database(&settings).await?;
    let services = Services::start(&telemetry, &settings).await?;
    let routes = http::router(&telemetry, services.clone());
    let address = settings.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| ProgramError::Listen { address, cause })?;
    let background = Background::start(&services);
    let signals = Signals::listen()?;
    println!("{NAME} listens on http://{}", listener.local_addr()?);
    let bounds = settings.clients;
    service::serve(listener, routes, bounds, signals.stop()).await;
    let stopping = async {
        background.stop().await;
        services.database.pool().close().await;
    };
    if timeout(STOP, stopping).await.is_err() {
        eprintln!("something in the background did not stop in {STOP:?}");
    }

    match telemetry.shutdown(FLUSH).await {
        Ok(delivery) => eprintln!("{NAME}: {delivery}"),
        Err(undelivered) => eprintln!("{NAME}: {undelivered}"),
    }
    Ok(())
}
// ANCHOR_END: run

/// Asks the database for a connection, which says better than the pool why
/// there is none.
async fn reach_database(settings: &Settings) -> Result<(), ProgramError> {
    let connecting = PgConnection::connect_with(&settings.database);
    match timeout(REACH, connecting).await {
        Ok(Ok(connection)) => {
            // It has served its purpose, however it ends.
            let _ = connection.close().await;
            Ok(())
        }
        Ok(Err(error)) => Err(ProgramError::Unreachable(error)),
        Err(_) => Err(ProgramError::Unreachable(sqlx::Error::PoolTimedOut)),
    }
}

// ANCHOR: background
/// What runs beside the requests.
struct Background {
    projections: Running,
    /// Cut short when this is dropped.
    wakeup: JoinSet<()>,
}

impl Background {
    fn start(services: &Services) -> Self {
        let database = &services.database;
        let bell = &services.wakeup;
        let mut wakeup = JoinSet::new();
        wakeup.spawn(bell.clone().tell_others(database.clone()));
        wakeup.spawn(bell.clone().hear_others(database.clone()));
        Self {
            projections: services.follow(),
            wakeup,
        }
    }

    async fn stop(mut self) {
        self.projections.stop().await;
        self.wakeup.shutdown().await;
    }
}
// ANCHOR_END: background

/// Prints the error, if there is one, for people.
pub fn exit(ended: Result<(), ProgramError>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
