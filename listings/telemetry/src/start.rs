//! From a configuration to running pipelines.

use std::sync::Arc;

use opentelemetry::{
    InstrumentationScope, global,
    metrics::{Meter, MeterProvider, NoopMeterProvider},
    trace::TracerProvider,
};
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::{
    logs::SdkLoggerProvider,
    metrics::SdkMeterProvider,
    trace::{SdkTracer, SdkTracerProvider},
};
use opentelemetry_semantic_conventions::SCHEMA_URL;
use tokio::runtime::Handle;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::{
    config::{Config, Endpoint},
    delivery::Ledger,
    http_client::HttpClient,
    http_server::HttpServerLayer,
    pipelines,
    propagation::Propagator,
};

// ANCHOR: telemetry
/// The three running pipelines. A clone is another handle to the same ones.
///
/// Await [`Telemetry::shutdown`] before the program ends. To drop the last
/// handle flushes too, but it blocks the thread and reports nothing.
#[derive(Clone, Debug)]
pub struct Telemetry(pub(crate) Arc<Pipelines>);

#[derive(Debug)]
pub(crate) struct Pipelines {
    pub(crate) config: Config,
    pub(crate) tracers: SdkTracerProvider,
    pub(crate) loggers: SdkLoggerProvider,
    pub(crate) meters: SdkMeterProvider,
    pub(crate) propagator: Propagator,
    pub(crate) spans: Arc<Ledger>,
    pub(crate) logs: Arc<Ledger>,
    pub(crate) metrics: Arc<Ledger>,
}
// ANCHOR_END: telemetry

/// The pipelines could not be built.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// gRPC needs a tokio runtime for its connections.
    #[error(
        "OTLP over gRPC needs a tokio runtime: call Telemetry::start inside \
         one, or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
    )]
    NoRuntime,
    /// An exporter refused its settings.
    #[error("cannot build the OTLP exporter: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// The process already has a subscriber for `tracing`.
#[derive(Debug, thiserror::Error)]
#[error("cannot install telemetry for the process: {0}")]
pub struct InstallError(#[from] TryInitError);

// ANCHOR: start
impl Telemetry {
    /// Builds the pipelines and starts their threads. Changes nothing for the
    /// process: for that, see [`Telemetry::install`].
    ///
    /// # Errors
    /// When an exporter cannot be built, or gRPC is wanted outside a tokio
    /// runtime. A collector that does not answer is no error here.
    pub fn start(config: &Config) -> Result<Self, StartError> {
        let endpoints = [&config.traces, &config.metrics, &config.logs];
        let grpc = endpoints.into_iter().flatten().any(Endpoint::is_grpc);
        if grpc && Handle::try_current().is_err() {
            return Err(StartError::NoRuntime);
        }
        let resource = pipelines::resource(config);
        let [spans, logs, metrics] = <[Arc<Ledger>; 3]>::default();
        Ok(Self(Arc::new(Pipelines {
            tracers: pipelines::tracers(config, &resource, &spans)?,
            loggers: pipelines::loggers(config, &resource, &logs)?,
            meters: pipelines::meters(config, &resource, &metrics)?,
            propagator: Arc::new(config.propagators.build()),
            config: config.clone(),
            spans,
            logs,
            metrics,
        })))
    }
}
// ANCHOR_END: start

// ANCHOR: install
impl Telemetry {
    /// Makes these pipelines those of the process: every `tracing` macro and
    /// every user of OpenTelemetry's globals goes through them from now on.
    ///
    /// # Errors
    /// When the process already has a `tracing` subscriber.
    pub fn install(&self) -> Result<(), InstallError> {
        self.subscriber().try_init()?;
        global::set_tracer_provider(self.0.tracers.clone());
        global::set_meter_provider(self.0.meters.clone());
        global::set_text_map_propagator(self.0.config.propagators.build());
        Ok(())
    }
}
// ANCHOR_END: install

impl Telemetry {
    /// Makes spans. `scope` names the code that does, usually its crate.
    pub fn tracer(&self, scope: &'static str) -> SdkTracer {
        self.0.tracers.tracer_with_scope(instrumentation(scope))
    }

    /// Makes instruments. `scope` names the code that does, usually its crate.
    pub fn meter(&self, scope: &'static str) -> Meter {
        let scope = instrumentation(scope);
        match self.0.config.metrics {
            Some(_) => self.0.meters.meter_with_scope(scope),
            // The SDK would complain of each gauge that nobody reads.
            None => NoopMeterProvider::new().meter_with_scope(scope),
        }
    }

    /// Reads and writes context in messages between services.
    pub fn propagator(&self) -> &Propagator {
        &self.0.propagator
    }

    /// Gives every request to an axum or tower service a server span.
    pub fn http_server_layer(&self) -> HttpServerLayer {
        HttpServerLayer::new(self)
    }

    /// Gives every request of `client` a client span.
    pub fn http_client(&self, client: reqwest::Client) -> HttpClient {
        HttpClient::new(self, client)
    }
}

fn instrumentation(scope: &'static str) -> InstrumentationScope {
    InstrumentationScope::builder(scope)
        .with_schema_url(SCHEMA_URL)
        .build()
}
