//! Traces, metrics and logs over OTLP, set up in one place.
//!
//! A program reads its [`Config`] from the environment, [`Telemetry::start`]s
//! the three pipelines, [`Telemetry::install`]s them for the whole process, and
//! before it ends it awaits [`Telemetry::shutdown`], which tells what arrived
//! and what was lost. A test leaves `install` out and passes the handle around,
//! so that many pipelines can run side by side in one process.
//!
//! ```no_run
//! use std::time::Duration;
//! use telemetry::{Config, Telemetry};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = Config::from_env("shop", env!("CARGO_PKG_VERSION"))?;
//!     let telemetry = Telemetry::start(&config)?;
//!     telemetry.install()?;
//!
//!     tracing::info!("ready");
//!
//!     let delivery = telemetry.shutdown(Duration::from_secs(5)).await?;
//!     eprintln!("{delivery}");
//!     Ok(())
//! }
//! ```

pub mod carry;
mod config;
mod counted;
mod delivery;
mod exchange;
mod exporter;
mod http_client;
mod http_server;
mod pipelines;
mod propagation;
mod shutdown;
mod start;
mod subscriber;
mod trace_context;

pub use config::{Config, ConfigError};
pub use delivery::{Delivery, SignalCount, Undelivered};
pub use http_client::HttpClient;
pub use http_server::{
    HttpServer, HttpServerLayer, ResponseBody, ResponseFuture,
};
pub use propagation::{HeaderCarrier, Propagator};
pub use start::{InstallError, StartError, Telemetry};
pub use trace_context::TraceContext;
