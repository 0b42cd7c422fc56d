//! Which traces, how many at a time, and how context travels.

use std::time::Duration;

use opentelemetry_sdk::{metrics::Temporality, trace::Sampler};

use super::env::{ConfigError, Env};

/// The bounded queue between the program and an exporter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queue {
    pub(crate) delay: Duration,
    pub(crate) capacity: usize,
    pub(crate) batch: usize,
}

/// A place costs a few hundred bytes, whether it is taken or not.
const MAX_CAPACITY: usize = 1_000_000;

impl Queue {
    /// Reads the variables that start with `prefix`.
    pub(super) fn read(
        env: &Env<'_>,
        prefix: &str,
        delay: u64,
    ) -> Result<Self, ConfigError> {
        let capacity = env.count(
            &format!("{prefix}_MAX_QUEUE_SIZE"),
            2_048,
            MAX_CAPACITY,
        )?;
        let batch = env.count(
            &format!("{prefix}_MAX_EXPORT_BATCH_SIZE"),
            capacity.min(512),
            capacity,
        )?;
        let delay = env.millis(&format!("{prefix}_SCHEDULE_DELAY"), delay)?;
        Ok(Self {
            delay,
            capacity,
            batch,
        })
    }
}

/// A sampler, and the name by which it was chosen.
#[derive(Clone, Debug)]
pub(crate) struct SamplerChoice {
    pub(crate) name: String,
    pub(crate) sampler: Sampler,
}

impl SamplerChoice {
    pub(super) fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "OTEL_TRACES_SAMPLER";
        let name = env
            .text(VARIABLE)
            .unwrap_or_else(|| "parentbased_always_on".to_owned())
            .to_ascii_lowercase();
        let (parent_based, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name.as_str()),
        };
        let root = match root {
            "always_on" => Sampler::AlwaysOn,
            "always_off" => Sampler::AlwaysOff,
            "traceidratio" => Sampler::TraceIdRatioBased(ratio(env)?),
            _ => {
                let expected = "always_on, always_off or traceidratio, or one \
                    of them with parentbased_ before it";
                return Err(ConfigError::new(VARIABLE, &name, expected));
            }
        };
        let name = match &root {
            Sampler::TraceIdRatioBased(ratio) => format!("{name} {ratio}"),
            _ => name,
        };
        let sampler = match parent_based {
            true => Sampler::ParentBased(Box::new(root)),
            false => root,
        };
        Ok(Self { name, sampler })
    }
}

fn ratio(env: &Env<'_>) -> Result<f64, ConfigError> {
    const VARIABLE: &str = "OTEL_TRACES_SAMPLER_ARG";
    let Some(value) = env.text(VARIABLE) else {
        return Ok(1.0);
    };
    let ratio = value.parse().ok().filter(|r| (0.0..=1.0).contains(r));
    ratio.ok_or_else(|| {
        ConfigError::new(VARIABLE, &value, "a number from 0 to 1")
    })
}

/// What is carried from process to process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Propagators {
    pub(crate) trace_context: bool,
    pub(crate) baggage: bool,
}

impl Propagators {
    pub(super) fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "OTEL_PROPAGATORS";
        let value = env
            .text(VARIABLE)
            .unwrap_or_else(|| "tracecontext,baggage".to_owned());
        let mut chosen = Self::default();
        for name in value.split(',').map(str::trim) {
            match name.to_ascii_lowercase().as_str() {
                "tracecontext" => chosen.trace_context = true,
                "baggage" => chosen.baggage = true,
                "none" => return Ok(Self::default()),
                _ => {
                    let expected = "tracecontext, baggage, both with a comma \
                        between them, or none";
                    return Err(ConfigError::new(VARIABLE, &value, expected));
                }
            }
        }
        Ok(chosen)
    }
}

pub(super) fn temporality(env: &Env<'_>) -> Result<Temporality, ConfigError> {
    let choice = env.one_of(
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        &[
            ("cumulative", Temporality::Cumulative),
            ("delta", Temporality::Delta),
            ("lowmemory", Temporality::LowMemory),
        ],
    )?;
    Ok(choice.unwrap_or(Temporality::Cumulative))
}
