//! The receiver that tests start.

mod server;
mod wait;

pub use wait::Missing;

use crate::{
    limits::Limits,
    model::{LogRecord, Metric, Span},
    sockets::{Sockets, StartError},
    store::Evicted,
    trace::Trace,
};
use server::{Server, Shared};
use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// Receives OTLP on two ports of its own and keeps it for a test to look at.
///
/// It runs on a thread of its own, so an exporter may block the test's
/// runtime, as the blocking ones do. Dropping it stops the thread and frees
/// the ports.
pub struct Receiver {
    http: SocketAddr,
    grpc: SocketAddr,
    shared: Arc<Shared>,
    _server: Server,
}

impl Receiver {
    /// Starts on two free ports of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When the system gives out no port or no thread.
    pub async fn start(limits: Limits) -> Result<Self, StartError> {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::bind(any_port, any_port, limits).await
    }

    /// Starts on the given addresses; port 0 stands for any free port.
    ///
    /// # Errors
    ///
    /// When an address is taken or not this machine's; the message says
    /// which.
    pub async fn bind(
        http: SocketAddr,
        grpc: SocketAddr,
        limits: Limits,
    ) -> Result<Self, StartError> {
        let sockets = Sockets::bind(http, grpc).await?;
        let http = sockets.http.local_addr().map_err(StartError::Thread)?;
        let grpc = sockets.grpc.local_addr().map_err(StartError::Thread)?;
        let shared = Arc::new(Shared::new(limits));
        let _server = Server::start(sockets, limits, Arc::clone(&shared))?;
        Ok(Self {
            http,
            grpc,
            shared,
            _server,
        })
    }

    /// The endpoint for OTLP/HTTP, such as `http://127.0.0.1:4318`.
    pub fn http_endpoint(&self) -> String {
        format!("http://{}", self.http)
    }

    /// The endpoint for OTLP/gRPC, such as `http://127.0.0.1:4317`.
    pub fn grpc_endpoint(&self) -> String {
        format!("http://{}", self.grpc)
    }
}

// ANCHOR: receiver
impl Receiver {
    /// All spans, trace by trace, within a trace in the order of arrival. One
    /// that its sender repeated is there once.
    pub fn spans(&self) -> Vec<Span> {
        let store = self.shared.store();
        store
            .traces()
            .flat_map(|trace| trace.spans.clone())
            .collect()
    }

    /// All log records, by time.
    pub fn logs(&self) -> Vec<LogRecord> {
        let mut logs: Vec<_> = self.shared.store().logs().cloned().collect();
        logs.sort_by_key(|log| log.time_unix_nano);
        logs
    }

    /// All metrics in the order of arrival. A metric that was exported twice
    /// is there twice.
    pub fn metrics(&self) -> Vec<Metric> {
        self.shared.store().metrics().cloned().collect()
    }

    /// All traces, the one that began to arrive first in front.
    pub fn traces(&self) -> Vec<Trace> {
        self.shared.store().traces().cloned().collect()
    }

    /// What was dropped to stay within the limits.
    pub fn evicted(&self) -> Evicted {
        self.shared.store().evicted()
    }

    /// Forgets all that has arrived so far.
    pub fn clear(&self) {
        self.shared.store().clear();
    }
}
// ANCHOR_END: receiver

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("http", &self.http)
            .field("grpc", &self.grpc)
            .finish_non_exhaustive()
    }
}
