//! The OTLP exporters of the three signals, over HTTP or gRPC.

use std::collections::HashMap;

use opentelemetry_otlp::{
    Compression, ExporterBuildError, LogExporter, MetricExporter, SpanExporter,
    WithExportConfig, WithHttpConfig, WithTonicConfig,
    tonic_types::metadata::MetadataMap,
};
use opentelemetry_sdk::metrics::Temporality;

use crate::config::Endpoint;

type Built<T> = Result<T, ExporterBuildError>;

// ANCHOR: exporters
pub(crate) fn spans(to: &Endpoint) -> Built<SpanExporter> {
    match to.is_grpc() {
        true => grpc(SpanExporter::builder().with_tonic(), to).build(),
        false => http(SpanExporter::builder().with_http(), to).build(),
    }
}

pub(crate) fn logs(to: &Endpoint) -> Built<LogExporter> {
    match to.is_grpc() {
        true => grpc(LogExporter::builder().with_tonic(), to).build(),
        false => http(LogExporter::builder().with_http(), to).build(),
    }
}

pub(crate) fn metrics(
    to: &Endpoint,
    temporality: Temporality,
) -> Built<MetricExporter> {
    let builder = MetricExporter::builder().with_temporality(temporality);
    match to.is_grpc() {
        true => grpc(builder.with_tonic(), to).build(),
        false => http(builder.with_http(), to).build(),
    }
}
// ANCHOR_END: exporters

fn http<B>(builder: B, to: &Endpoint) -> B
where
    B: WithExportConfig + WithHttpConfig,
{
    let headers = to.headers.iter().filter_map(|(name, value)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    });
    let builder = builder
        .with_endpoint(to.url.as_str())
        .with_protocol(to.protocol)
        .with_timeout(to.timeout)
        .with_headers(headers.collect::<HashMap<_, _>>());
    match to.gzip {
        true => builder.with_compression(Compression::Gzip),
        false => builder,
    }
}

fn grpc<B>(builder: B, to: &Endpoint) -> B
where
    B: WithExportConfig + WithTonicConfig,
{
    let builder = builder
        .with_endpoint(to.url.as_str())
        .with_timeout(to.timeout)
        .with_metadata(MetadataMap::from_headers(to.headers.clone()));
    #[cfg(feature = "tls")]
    let builder = builder.with_tls_config(
        opentelemetry_otlp::tonic_types::transport::ClientTlsConfig::new()
            .with_enabled_roots(),
    );
    match to.gzip {
        true => builder.with_compression(Compression::Gzip),
        false => builder,
    }
}
