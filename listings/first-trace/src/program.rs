//! What both programs do around their routes: configure, listen, serve, stop.

// ANCHOR: imports
use std::{
    env, io, net::SocketAddr, process::ExitCode, str::FromStr, time::Duration,
};

use axum::Router;
use service::{BadSetting, Connections, Signals};
use telemetry::{Config, ConfigError, InstallError, StartError, Telemetry};
use tokio::net::TcpListener;
// ANCHOR_END: imports

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

/// Why a program did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// A variable of ours has a value that makes no sense.
    #[error("{name}={value:?} is not {expected}")]
    Setting {
        /// The environment variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A bound on connections makes no sense.
    #[error(transparent)]
    Connections(#[from] BadSetting),
    /// An `OTEL_*` variable has a value that makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The telemetry pipelines did not start.
    #[error(transparent)]
    Telemetry(#[from] StartError),
    /// The telemetry could not be made the process's own.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The HTTP client did not start.
    #[error("the HTTP client did not start: {0}")]
    Client(#[from] reqwest::Error),
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
/// Runs the service `name` until SIGTERM or Ctrl-C.
///
/// # Errors
/// On a bad setting, a taken port, or a server that fails. Telemetry that
/// did not arrive is reported and fails nothing.
pub async fn run(
    name: &'static str,
    default_address: &'static str,
    routes: impl FnOnce(&Telemetry) -> Result<Router, ProgramError>,
) -> Result<(), ProgramError> {
    let config = Config::from_env(name, env!("CARGO_PKG_VERSION"))?;
    let address: SocketAddr =
        setting("LISTEN_ADDR", default_address, "an address and a port")?;
    let connections = Connections::from_env()?;
    let telemetry = Telemetry::start(&config)?;
    telemetry.install()?;
    eprintln!("{config}\n{connections}");

    let routes = routes(&telemetry)?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| ProgramError::Listen { address, cause })?;
    let signals = Signals::listen()?;
    println!("{name} listens on http://{}", listener.local_addr()?);
    service::serve(listener, routes, connections, signals.stop()).await;

    match telemetry.shutdown(FLUSH).await {
        Ok(delivery) => eprintln!("{name}: {delivery}"),
        Err(undelivered) => eprintln!("{name}: {undelivered}"),
    }
    Ok(())
}
// ANCHOR_END: run

/// The value of the environment variable `name`, or else `default`.
///
/// # Errors
/// When the value does not parse; `expected` says what would.
pub fn setting<T: FromStr>(
    name: &'static str,
    default: &str,
    expected: &'static str,
) -> Result<T, ProgramError> {
    let value = env::var(name).unwrap_or_else(|_| default.to_owned());
    value.parse().map_err(|_| ProgramError::Setting {
        name,
        value,
        expected,
    })
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
