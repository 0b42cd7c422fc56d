//! The configuration: standard `OTEL_*` variables, checked before anything
//! opens.

mod endpoint;
mod env;
mod summary;
mod tuning;

use std::{collections::BTreeMap, time::Duration};

use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_semantic_conventions::attribute::{
    SERVICE_NAME, SERVICE_VERSION,
};
use tracing_subscriber::EnvFilter;

pub(crate) use endpoint::{Endpoint, Signal};
pub use env::ConfigError;
use env::Env;
pub(crate) use tuning::{Propagators, Queue, SamplerChoice};

/// Everything the pipelines need to know, read and checked.
///
/// These variables are read, with the meaning and the default that the
/// [specification][env] gives them. Times are in milliseconds.
///
/// - `OTEL_SDK_DISABLED`: `true` keeps everything at home.
/// - `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`: who we are.
/// - `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER`:
///   `otlp`, or `none` to keep that signal at home.
/// - `OTEL_EXPORTER_OTLP_` with `ENDPOINT`, `PROTOCOL` (`http/protobuf`,
///   `grpc`, `http/json`), `HEADERS`, `TIMEOUT` or `COMPRESSION` (`gzip`,
///   `none`): where everything goes and how. For one signal only, as in
///   `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`.
/// - `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`: `cumulative`,
///   `delta` or `lowmemory`.
/// - `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`: which traces.
/// - `OTEL_PROPAGATORS`: `tracecontext`, `baggage`, `none`.
/// - `OTEL_BSP_` with `SCHEDULE_DELAY`, `MAX_QUEUE_SIZE` or
///   `MAX_EXPORT_BATCH_SIZE`: the queue of spans; `OTEL_BLRP_` for logs.
/// - `OTEL_METRIC_EXPORT_INTERVAL`: how often metrics leave.
/// - `RUST_LOG`: which log records. Rust's own, not OpenTelemetry's.
///
/// [env]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
// ANCHOR: config
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) resource: BTreeMap<String, String>,
    pub(crate) traces: Option<Endpoint>,
    pub(crate) metrics: Option<Endpoint>,
    pub(crate) logs: Option<Endpoint>,
    pub(crate) temporality: Temporality,
    pub(crate) metric_interval: Duration,
    pub(crate) span_queue: Queue,
    pub(crate) log_queue: Queue,
    pub(crate) sampler: SamplerChoice,
    pub(crate) propagators: Propagators,
    pub(crate) log_filter: String,
}
// ANCHOR_END: config

impl Config {
    /// Reads the environment of the process.
    ///
    /// `service_name` and `service_version` hold unless `OTEL_SERVICE_NAME` or
    /// `OTEL_RESOURCE_ATTRIBUTES` say otherwise.
    ///
    /// # Errors
    /// Names the first variable whose value is not valid, and what is.
    pub fn from_env(
        service_name: &str,
        service_version: &str,
    ) -> Result<Self, ConfigError> {
        Self::from_lookup(service_name, service_version, |variable| {
            let value = std::env::var_os(variable)?;
            Some(value.to_string_lossy().into_owned())
        })
    }
}

// ANCHOR: from-lookup
impl Config {
    /// Does what [`Config::from_env`] does with the variables of `lookup`, so
    /// that a test need not change the environment of its process.
    ///
    /// # Errors
    /// Names the first variable whose value is not valid, and what is.
    pub fn from_lookup(
        service_name: &str,
        service_version: &str,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let env = Env::new(&lookup);
        let disabled = env
            .one_of("OTEL_SDK_DISABLED", &[("true", true), ("false", false)])?
            .unwrap_or(false);
        let endpoint = |signal| match disabled {
            true => Ok(None),
            false => Endpoint::read(&env, signal),
        };
        Ok(Self {
            resource: resource(&env, service_name, service_version)?,
            traces: endpoint(Signal::Traces)?,
            metrics: endpoint(Signal::Metrics)?,
            logs: endpoint(Signal::Logs)?,
            temporality: tuning::temporality(&env)?,
            metric_interval: env
                .millis("OTEL_METRIC_EXPORT_INTERVAL", 60_000)?,
            span_queue: Queue::read(&env, "OTEL_BSP", 5_000)?,
            log_queue: Queue::read(&env, "OTEL_BLRP", 1_000)?,
            sampler: SamplerChoice::read(&env)?,
            propagators: Propagators::read(&env)?,
            log_filter: log_filter(&env)?,
        })
    }
}
// ANCHOR_END: from-lookup

fn resource(
    env: &Env<'_>,
    service_name: &str,
    service_version: &str,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut resource = BTreeMap::from([
        (SERVICE_NAME.to_owned(), service_name.to_owned()),
        (SERVICE_VERSION.to_owned(), service_version.to_owned()),
    ]);
    resource.extend(env.pairs("OTEL_RESOURCE_ATTRIBUTES")?);
    if let Some(name) = env.text("OTEL_SERVICE_NAME") {
        resource.insert(SERVICE_NAME.to_owned(), name);
    }
    Ok(resource)
}

fn log_filter(env: &Env<'_>) -> Result<String, ConfigError> {
    // The SDK reports its own start at info: news to nobody.
    let filter = env
        .text("RUST_LOG")
        .unwrap_or_else(|| "info,opentelemetry=warn".to_owned());
    match EnvFilter::builder().parse(&filter) {
        Ok(_) => Ok(filter),
        Err(_) => Err(ConfigError::new(
            "RUST_LOG",
            &filter,
            "directives such as info or info,shop::cart=debug",
        )),
    }
}
