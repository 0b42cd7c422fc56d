//! What the program does around its routes: configure, launch, stop.

// ANCHOR: imports
use std::{io, process, process::ExitCode, time::Duration};

use rocket::{Build, Rocket, Shutdown, error::ErrorKind, fairing::AdHoc};
use telemetry::{Config, ConfigError, InstallError, StartError, Telemetry};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    database::Database,
    http, landing,
    settings::{SettingError, Settings},
    users::Sql,
};
// ANCHOR_END: imports

const NAME: &str = "rocket-crud";

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

/// Why the program did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// A variable of ours or of Rocket's has a value that makes no sense.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// An `OTEL_*` variable has a value that makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The telemetry pipelines did not start.
    #[error(transparent)]
    Telemetry(#[from] StartError),
    /// The telemetry could not be made the process's own.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The operating system lets nobody listen for signals.
    #[error("cannot listen for signals: {0}")]
    Signals(#[from] io::Error),
    /// The address to listen on is taken, or not ours.
    #[error("cannot listen: {0}; set ROCKET_ADDRESS or ROCKET_PORT to another")]
    Listen(String),
    /// Rocket did not launch, or did not land.
    #[error("{0}")]
    Rocket(Box<rocket::Error>),
}

// ANCHOR: run
/// Runs the service until SIGTERM or Ctrl-C.
///
/// # Errors
/// On a bad setting, a database that does not answer, a taken port, or
/// requests that do not end. Telemetry that did not arrive is reported and
/// fails nothing.
pub async fn run() -> Result<(), ProgramError> {
    let signals = Signals::listen()?;
    let settings = Settings::from_env()?;
    let config = Config::from_env(NAME, env!("CARGO_PKG_VERSION"))?;
    let telemetry = Telemetry::start(&config)?;
    telemetry.install()?;
    // Rocket logs each request with its query, which may be anybody's secret.
    // The spans say what there is to say, and leave that out.
    log::set_max_level(log::LevelFilter::Off);
    eprintln!("{settings}\n{config}");

    let rocket = http::rocket(&telemetry, &settings)
        .attach(users_in_a_database(&telemetry, &settings))
        .attach(address());
    // Even if it crashed: this is when the last spans matter most.
    let landed = fly(rocket, signals).await;

    match telemetry.shutdown(FLUSH).await {
        Ok(delivery) => eprintln!("{NAME}: {delivery}"),
        Err(undelivered) => eprintln!("{NAME}: {undelivered}"),
    }
    landed
}
// ANCHOR_END: run

// ANCHOR: database-fairing
/// Opens the database when Rocket ignites, and hands it to the handlers as
/// managed state. Without it, there is no launch.
fn users_in_a_database(telemetry: &Telemetry, settings: &Settings) -> AdHoc {
    let telemetry = telemetry.clone();
    let (url, most) = (settings.database_url(), settings.connections());
    AdHoc::try_on_ignite("users in a database", move |rocket| async move {
        match open(&telemetry, &url, most).await {
            Ok(database) => {
                let users = http::users_in(Sql::new(database.clone()));
                Ok(rocket.manage(database).manage(users))
            }
            Err(error) => {
                eprintln!("error: {error}; see DATABASE_URL");
                Err(rocket)
            }
        }
    })
}

async fn open(
    telemetry: &Telemetry,
    url: &str,
    connections: u32,
) -> Result<Database, sqlx::Error> {
    let database = Database::open(telemetry, url, connections).await?;
    database.migrate().await?;
    Ok(database)
}
// ANCHOR_END: database-fairing

/// Tells where the service is, once it is there.
fn address() -> AdHoc {
    AdHoc::on_liftoff("address", |rocket| {
        Box::pin(async move {
            let to = rocket.config();
            println!("{NAME} listens on http://{}:{}", to.address, to.port);
        })
    })
}

// ANCHOR: signals
/// What the operating system sends to stop a program.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on, a signal is kept until somebody asks for it.
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// The first one lets Rocket finish its requests. A second one ends the
    /// process at once.
    async fn obey(mut self, rocket: Shutdown) {
        self.next().await;
        rocket.notify();
        self.next().await;
        process::exit(130)
    }
}
// ANCHOR_END: signals

// ANCHOR: fly
/// From the launch to the last connection of the database.
async fn fly(
    rocket: Rocket<Build>,
    signals: Signals,
) -> Result<(), ProgramError> {
    let rocket = rocket.ignite().await?;
    tokio::spawn(signals.obey(rocket.shutdown()));
    let database = rocket.state::<Database>().cloned();
    match landing::launch(rocket).await {
        Err(error) if matches!(error.kind(), ErrorKind::Shutdown(_, None)) => {
            // They hold connections, so there is no waiting for these.
            eprintln!("{NAME}: some requests did not finish in time");
            return Ok(());
        }
        landed => landed?,
    }
    if let Some(database) = database {
        database.close().await;
    }
    Ok(())
}
// ANCHOR_END: fly

impl From<rocket::Error> for ProgramError {
    fn from(error: rocket::Error) -> Self {
        match error.kind() {
            ErrorKind::Bind(cause) => Self::Listen(cause.to_string()),
            _ => Self::Rocket(Box::new(error)),
        }
    }
}

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
