//! The few parts of a pipeline that several tests build alike.

use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

/// Port 1 was assigned to a service that nobody runs any more.
pub const NOBODY_LISTENS: &str = "http://127.0.0.1:1/v1/traces";

// ANCHOR: pipeline
/// A provider that keeps each span in memory as soon as it ends.
pub fn in_memory() -> (SdkTracerProvider, InMemorySpanExporter) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    (provider, exporter)
}

/// A provider with the default batch processor, as programs have it.
pub fn batching(exporter: SpanExporter) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build()
}

/// Exports by OTLP/HTTP to exactly this address.
pub fn http(endpoint: &str) -> SpanExporter {
    SpanExporter::builder()
        .with_http()
        .with_endpoint(endpoint)
        .build()
        .expect("an OTLP/HTTP exporter")
}

/// Exports by OTLP/gRPC. Call it inside a Tokio runtime.
pub fn grpc(endpoint: &str) -> SpanExporter {
    SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .expect("an OTLP/gRPC exporter")
}
// ANCHOR_END: pipeline
