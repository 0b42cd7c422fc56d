//! What all programs here do around their routes: configure, listen, serve,
//! stop.

// ANCHOR: imports
use std::{io, net::SocketAddr, process::ExitCode, time::Duration};

use axum::Router;
use service::{Connections, Signals};
use telemetry::{Config, ConfigError, InstallError, StartError, Telemetry};
use tokio::net::TcpListener;

use crate::{
    http::{self, App, AppError},
    settings::{SettingError, Settings},
};
// ANCHOR_END: imports

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

/// Why a program did not start, or did not go on.
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
    Telemetry(#[from] StartError),
    /// The telemetry could not be made the process's own.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A part of the program did not start.
    #[error(transparent)]
    App(#[from] AppError),
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

/// Runs the BFF until SIGTERM or Ctrl-C.
///
/// # Errors
/// See [`serve`].
pub async fn run() -> Result<(), ProgramError> {
    let settings = Settings::from_env()?;
    eprintln!("{settings}");
    let routes = async |telemetry: &_, address| {
        let app = App::new(telemetry, &settings, address)?;
        Ok(http::router(telemetry, app))
    };
    serve("bff", settings.listen, settings.connections, routes).await
}

// ANCHOR: serve
/// What there is to serve, or why there is nothing.
pub type Routes = Result<Router, ProgramError>;

/// Serves `routes` under `name` until SIGTERM or Ctrl-C.
///
/// # Errors
/// On a bad setting, a taken port, or a server that fails. Telemetry that did
/// not arrive is reported and fails nothing.
pub async fn serve(
    name: &'static str,
    address: SocketAddr,
    connections: Connections,
    routes: impl AsyncFnOnce(&Telemetry, SocketAddr) -> Routes,
) -> Result<(), ProgramError> {
    let config = Config::from_env(name, env!("CARGO_PKG_VERSION"))?;
    let telemetry = Telemetry::start(&config)?;
    telemetry.install()?;
    eprintln!("{config}");

    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| ProgramError::Listen { address, cause })?;
    let address = listener.local_addr()?;
    let routes = routes(&telemetry, address).await?;
    let signals = Signals::listen()?;
    println!("{name} listens on http://{address}");
    service::serve(listener, routes, connections, signals.stop()).await;

    match telemetry.shutdown(FLUSH).await {
        Ok(delivery) => eprintln!("{name}: {delivery}"),
        Err(undelivered) => eprintln!("{name}: {undelivered}"),
    }
    Ok(())
}
// ANCHOR_END: serve

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
