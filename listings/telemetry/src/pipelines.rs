//! The three pipelines: from the SDK's provider through a bounded queue to an
//! exporter, counted on the way in and on the way out.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::{
    Resource,
    logs::{self, BatchLogProcessor, SdkLoggerProvider},
    metrics::{PeriodicReader, SdkMeterProvider},
    resource::TelemetryResourceDetector,
    trace::{
        self, BatchSpanProcessor, IdGenerator, RandomIdGenerator,
        SdkTracerProvider,
    },
};
use opentelemetry_semantic_conventions::{
    SCHEMA_URL, attribute::SERVICE_INSTANCE_ID,
};

use crate::{config::Config, counted::Counted, delivery::Ledger, exporter};

type Built<T> = Result<T, ExporterBuildError>;

// ANCHOR: resource
pub(crate) fn resource(config: &Config) -> Resource {
    let mut attributes = config.resource.clone();
    attributes
        .entry(SERVICE_INSTANCE_ID.to_owned())
        .or_insert_with(random_uuid);
    let attributes = attributes.into_iter();
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_schema_url(
            attributes.map(|(key, value)| KeyValue::new(key, value)),
            SCHEMA_URL,
        )
        .build()
}
// ANCHOR_END: resource

/// A random UUID (version 4), from the generator that makes trace ids.
fn random_uuid() -> String {
    let random = u128::from_be_bytes(
        RandomIdGenerator::default().new_trace_id().to_bytes(),
    );
    let version = random & !(0xf << 76) | (0x4 << 76);
    let variant = version & !(0b11 << 62) | (0b10 << 62);
    let hex = format!("{variant:032x}");
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

// ANCHOR: span-pipeline
pub(crate) fn tracers(
    config: &Config,
    resource: &Resource,
    ledger: &Arc<Ledger>,
) -> Built<SdkTracerProvider> {
    let provider = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_sampler(config.sampler.sampler.clone());
    let Some(endpoint) = &config.traces else {
        return Ok(provider.build());
    };
    let exporter = Counted {
        inner: exporter::spans(endpoint)?,
        ledger: Arc::clone(ledger),
    };
    let queue = trace::BatchConfigBuilder::default()
        .with_scheduled_delay(config.span_queue.delay)
        .with_max_queue_size(config.span_queue.capacity)
        .with_max_export_batch_size(config.span_queue.batch)
        .build();
    let processor = Counted {
        inner: BatchSpanProcessor::builder(exporter)
            .with_batch_config(queue)
            .build(),
        ledger: Arc::clone(ledger),
    };
    Ok(provider.with_span_processor(processor).build())
}
// ANCHOR_END: span-pipeline

pub(crate) fn loggers(
    config: &Config,
    resource: &Resource,
    ledger: &Arc<Ledger>,
) -> Built<SdkLoggerProvider> {
    let provider = SdkLoggerProvider::builder().with_resource(resource.clone());
    let Some(endpoint) = &config.logs else {
        return Ok(provider.build());
    };
    let exporter = Counted {
        inner: exporter::logs(endpoint)?,
        ledger: Arc::clone(ledger),
    };
    let queue = logs::BatchConfigBuilder::default()
        .with_scheduled_delay(config.log_queue.delay)
        .with_max_queue_size(config.log_queue.capacity)
        .with_max_export_batch_size(config.log_queue.batch)
        .build();
    let processor = Counted {
        inner: BatchLogProcessor::builder(exporter)
            .with_batch_config(queue)
            .build(),
        ledger: Arc::clone(ledger),
    };
    Ok(provider.with_log_processor(processor).build())
}

pub(crate) fn meters(
    config: &Config,
    resource: &Resource,
    ledger: &Arc<Ledger>,
) -> Built<SdkMeterProvider> {
    let provider = SdkMeterProvider::builder().with_resource(resource.clone());
    let Some(endpoint) = &config.metrics else {
        return Ok(provider.build());
    };
    let exporter = Counted {
        inner: exporter::metrics(endpoint, config.temporality)?,
        ledger: Arc::clone(ledger),
    };
    let reader = PeriodicReader::builder(exporter)
        .with_interval(config.metric_interval)
        .build();
    Ok(provider.with_reader(reader).build())
}
