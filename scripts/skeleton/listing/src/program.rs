//! What the program does around its routes: configure, listen, serve, stop.

use std::{env, io, net::SocketAddr, process, time::Duration};

use axum::Router;
use telemetry::{Config, ConfigError, InstallError, StartError, Telemetry};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

/// What it is called, in its telemetry too.
const NAME: &str = env!("CARGO_PKG_NAME");

/// How long running requests get to finish after the signal to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// How long the last telemetry gets to leave.
const FLUSH: Duration = Duration::from_secs(5);

/// Why the program did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// `LISTEN_ADDR` makes no sense.
    #[error("LISTEN_ADDR={0:?} is not an address and a port")]
    Address(String),
    /// An `OTEL_*` variable makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The telemetry pipelines did not start.
    #[error(transparent)]
    Telemetry(#[from] StartError),
    /// The telemetry could not be made the process's own.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The address is taken, or the server failed while it ran.
    #[error("cannot serve on {0}: {1}")]
    Serve(SocketAddr, io::Error),
}

// ANCHOR: run
/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// On a bad setting, a taken port, or a server that fails. Telemetry that
/// did not arrive is reported and fails nothing.
pub async fn run() -> Result<(), ProgramError> {
    let config = Config::from_env(NAME, env!("CARGO_PKG_VERSION"))?;
    let address = env::var("LISTEN_ADDR");
    let address = address.unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let address: SocketAddr = address
        .parse()
        .map_err(|_| ProgramError::Address(address))?;
    let telemetry = Telemetry::start(&config)?;
    telemetry.install()?;
    eprintln!("{config}");

    let failed = |cause| ProgramError::Serve(address, cause);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let listens_on = listener.local_addr().map_err(failed)?;
    println!("{NAME} listens on http://{listens_on}");
    let routes = crate::router(&telemetry);
    serve(listener, routes).await.map_err(failed)?;

    match telemetry.shutdown(FLUSH).await {
        Ok(delivery) => eprintln!("{NAME}: {delivery}"),
        Err(undelivered) => eprintln!("{NAME}: {undelivered}"),
    }
    Ok(())
}
// ANCHOR_END: run

// ANCHOR: serve
/// Serves until a signal, then lets running requests finish. A second signal
/// ends the process at once.
async fn serve(listener: TcpListener, routes: Router) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(async { stopped.await.unwrap_or_default() })
        .into_future();
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return ended,
        () = either(&mut terminate, &mut interrupt) => drop(stop),
    }
    tokio::select! {
        ended = timeout(DRAIN, server) => ended.unwrap_or_else(|_| {
            eprintln!("some requests did not finish within {DRAIN:?}");
            Ok(())
        }),
        () = either(&mut terminate, &mut interrupt) => process::exit(130),
    }
}
// ANCHOR_END: serve

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
