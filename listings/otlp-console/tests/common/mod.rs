//! Small requests of each signal, and the ways to send them.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod viewer;

use flate2::{Compression, write::GzEncoder};
use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest,
        metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    metrics::v1::{
        Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
        metric::Data, number_data_point,
    },
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use std::io::Write;

pub(crate) const TRACE: [u8; 16] = [0xA1; 16];

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    let value = Value::StringValue(value.to_owned());
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

pub(crate) fn resource() -> Option<Resource> {
    let attributes = vec![text("service.name", "shop")];
    Some(Resource {
        attributes,
        ..Resource::default()
    })
}

pub(crate) fn scope() -> Option<InstrumentationScope> {
    let name = "orders".to_owned();
    Some(InstrumentationScope {
        name,
        ..InstrumentationScope::default()
    })
}

/// A root span for number 1, below it one for each further number.
pub(crate) fn span(number: u8) -> Span {
    Span {
        trace_id: TRACE.to_vec(),
        span_id: vec![number; 8],
        parent_span_id: if number == 1 { vec![] } else { vec![1; 8] },
        name: format!("span {number}"),
        kind: 2,
        start_time_unix_nano: u64::from(number) * 1_000,
        end_time_unix_nano: u64::from(number) * 1_000 + 500,
        attributes: vec![text("url.path", "/orders")],
        ..Span::default()
    }
}

pub(crate) fn traces(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans {
        scope: scope(),
        spans,
        schema_url: "https://opentelemetry.io/schemas/1.42.0".to_owned(),
    }];
    let resource_spans = vec![ResourceSpans {
        resource: resource(),
        scope_spans,
        ..ResourceSpans::default()
    }];
    ExportTraceServiceRequest { resource_spans }
}

pub(crate) fn logs(message: &str) -> ExportLogsServiceRequest {
    let value = Some(Value::StringValue(message.to_owned()));
    let log_records = vec![LogRecord {
        observed_time_unix_nano: 7,
        severity_number: 9,
        body: Some(AnyValue { value }),
        trace_id: TRACE.to_vec(),
        span_id: vec![1; 8],
        ..LogRecord::default()
    }];
    let scope_logs = vec![ScopeLogs {
        scope: scope(),
        log_records,
        ..ScopeLogs::default()
    }];
    let resource_logs = vec![ResourceLogs {
        resource: resource(),
        scope_logs,
        ..ResourceLogs::default()
    }];
    ExportLogsServiceRequest { resource_logs }
}

pub(crate) fn metrics(name: &str) -> ExportMetricsServiceRequest {
    let data_points = vec![NumberDataPoint {
        value: Some(number_data_point::Value::AsInt(42)),
        ..NumberDataPoint::default()
    }];
    let sum = Sum {
        data_points,
        aggregation_temporality: 2,
        is_monotonic: true,
    };
    let metric = Metric {
        name: name.to_owned(),
        unit: "{order}".to_owned(),
        data: Some(Data::Sum(sum)),
        ..Metric::default()
    };
    let scope_metrics = vec![ScopeMetrics {
        scope: scope(),
        metrics: vec![metric],
        ..ScopeMetrics::default()
    }];
    let resource_metrics = vec![ResourceMetrics {
        resource: resource(),
        scope_metrics,
        ..ResourceMetrics::default()
    }];
    ExportMetricsServiceRequest { resource_metrics }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Calls a method of a gRPC service with the bytes of a message, whatever
/// they are.
pub(crate) async fn grpc(
    endpoint: &str,
    service: &str,
    message: &[u8],
    is_gzip: bool,
) -> tonic::Code {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;
    let endpoint = tonic::transport::Endpoint::new(endpoint.to_owned());
    let channel = endpoint.unwrap().connect().await.unwrap();
    let mut frame = vec![u8::from(is_gzip)];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    let request = Request::post(format!("/{service}/Export"))
        .header("content-type", "application/grpc")
        .header("grpc-encoding", if is_gzip { "gzip" } else { "identity" })
        .body(tonic::body::Body::new(Body::from(frame)))
        .unwrap();
    let response = channel.oneshot(request).await.unwrap();
    match response.headers().get("grpc-status") {
        Some(status) => tonic::Code::from_bytes(status.as_bytes()),
        // It comes after the answer's message.
        None => tonic::Code::Ok,
    }
}
