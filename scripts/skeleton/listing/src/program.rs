//! What the program does around its routes: configure, listen, serve, stop.

// ANCHOR: imports
use std::{env, io, net::SocketAddr, time::Duration};

use service::{BadSetting, Connections, Signals};
use telemetry::{Config, ConfigError, InstallError, StartError, Telemetry};
use tokio::net::TcpListener;
// ANCHOR_END: imports

/// What it is called, in its telemetry too.
const NAME: &str = env!("CARGO_PKG_NAME");

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

/// Why the program did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// `LISTEN_ADDR` makes no sense.
    #[error("LISTEN_ADDR={0:?} is not an address and a port")]
    Address(String),
    /// A bound on connections makes no sense.
    #[error(transparent)]
    Connections(#[from] BadSetting),
    /// An `OTEL_*` variable makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The telemetry pipelines did not start.
    #[error(transparent)]
    Telemetry(#[from] StartError),
    /// The telemetry could not be made the process's own.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The address is taken, or not ours.
    #[error("cannot listen on {0}: {1}; set LISTEN_ADDR to another")]
    Listen(SocketAddr, io::Error),
    /// The operating system refuses what every server needs.
    #[error("the server failed: {0}")]
    Server(#[from] io::Error),
}

// ANCHOR: run
/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// On a bad setting or a taken port. Telemetry that did not arrive is reported
/// and fails nothing.
pub async fn run() -> Result<(), ProgramError> {
    let config = Config::from_env(NAME, env!("CARGO_PKG_VERSION"))?;
    let address = env::var("LISTEN_ADDR");
    let address = address.unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let address: SocketAddr = address
        .parse()
        .map_err(|_| ProgramError::Address(address))?;
    let connections = Connections::from_env()?;
    let telemetry = Telemetry::start(&config)?;
    telemetry.install()?;
    eprintln!("{config}\n{connections}");

    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| ProgramError::Listen(address, cause))?;
    let signals = Signals::listen()?;
    println!("{NAME} listens on http://{}", listener.local_addr()?);
    let routes = crate::router(&telemetry);
    service::serve(listener, routes, connections, signals.stop()).await;

    match telemetry.shutdown(FLUSH).await {
        Ok(delivery) => eprintln!("{NAME}: {delivery}"),
        Err(undelivered) => eprintln!("{NAME}: {undelivered}"),
    }
    Ok(())
}
// ANCHOR_END: run
