//! Each signal over each protocol arrives as it was sent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use opentelemetry_proto::tonic::collector::{
    logs::v1::logs_service_client::LogsServiceClient,
    metrics::v1::metrics_service_client::MetricsServiceClient,
    trace::v1::trace_service_client::TraceServiceClient,
};
use otlp_console::{
    Limits, Receiver,
    model::{
        Instrument, Number, SpanId, SpanKind, Temporality, TraceId, Value,
    },
};
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use std::time::Duration;
use tonic::codec::CompressionEncoding::Gzip;

const SOON: Duration = Duration::from_secs(60);

#[tokio::test]
async fn http_protobuf() {
    over_http("application/x-protobuf", false).await;
}

#[tokio::test]
async fn http_protobuf_gzip() {
    over_http("application/x-protobuf", true).await;
}

#[tokio::test]
async fn http_json() {
    over_http("application/json; charset=utf-8", false).await;
}

#[tokio::test]
async fn http_json_gzip() {
    over_http("application/json", true).await;
}

#[tokio::test]
async fn grpc() {
    over_grpc(false).await;
}

#[tokio::test]
async fn grpc_gzip() {
    over_grpc(true).await;
}

async fn over_http(content_type: &str, gzip: bool) {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let traces = common::traces(vec![common::span(1), common::span(2)]);
    let logs = common::logs("order priced");
    let metrics = common::metrics("shop.orders");
    let is_json = content_type.starts_with("application/json");
    let bodies = [
        ("traces", body(&traces, is_json)),
        ("logs", body(&logs, is_json)),
        ("metrics", body(&metrics, is_json)),
    ];
    for (signal, body) in bodies {
        let endpoint = format!("{}/v1/{signal}", receiver.http_endpoint());
        let request = reqwest::Client::new()
            .post(endpoint)
            .header(CONTENT_TYPE, content_type);
        let request = match gzip {
            false => request.body(body),
            true => request
                .header(CONTENT_ENCODING, "gzip")
                .body(common::gzip(&body)),
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let answered = response.headers()[CONTENT_TYPE].to_str().unwrap();
        assert!(content_type.starts_with(answered));
        let success: &[u8] = if answered.ends_with("json") {
            b"{}"
        } else {
            b""
        };
        assert_eq!(response.bytes().await.unwrap(), success);
    }
    check(&receiver).await;
}

fn body<M: Message + serde::Serialize>(message: &M, json: bool) -> Vec<u8> {
    match json {
        true => serde_json::to_vec(message).unwrap(),
        false => message.encode_to_vec(),
    }
}

async fn over_grpc(gzip: bool) {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = tonic::transport::Endpoint::new(receiver.grpc_endpoint());
    let channel = endpoint.unwrap().connect().await.unwrap();
    let mut traces = TraceServiceClient::new(channel.clone());
    let mut logs = LogsServiceClient::new(channel.clone());
    let mut metrics = MetricsServiceClient::new(channel);
    if gzip {
        traces = traces.send_compressed(Gzip);
        logs = logs.send_compressed(Gzip);
        metrics = metrics.send_compressed(Gzip);
    }
    let spans = vec![common::span(1), common::span(2)];
    let answer = traces.export(common::traces(spans)).await.unwrap();
    assert_eq!(answer.into_inner().partial_success, None);
    let answer = logs.export(common::logs("order priced")).await.unwrap();
    assert_eq!(answer.into_inner().partial_success, None);
    let answer = metrics
        .export(common::metrics("shop.orders"))
        .await
        .unwrap();
    assert_eq!(answer.into_inner().partial_success, None);
    check(&receiver).await;
}

async fn check(receiver: &Receiver) {
    let spans = receiver.wait_for_spans(2, SOON).await.unwrap();
    let [root, child] = spans.as_slice() else {
        panic!("{spans:#?}")
    };
    assert_eq!(root.trace_id, TraceId(common::TRACE));
    assert_eq!(root.span_id, SpanId([1; 8]));
    assert_eq!(root.parent_span_id, None);
    assert_eq!(child.parent_span_id, Some(root.span_id));
    assert_eq!(root.name, "span 1");
    assert_eq!(root.kind, SpanKind::Server);
    assert_eq!((root.start_unix_nano, root.duration_nano()), (1_000, 500));
    assert_eq!(root.attributes["url.path"], "/orders".into());
    assert_eq!(root.origin.service(), "shop");
    assert_eq!(root.origin.scope.name, "orders");
    assert!(root.origin.scope.schema_url.ends_with("/1.42.0"));

    let logs = receiver.wait_for_logs(1, SOON).await.unwrap();
    assert_eq!(logs[0].body, Value::Str("order priced".to_owned()));
    assert_eq!(logs[0].time_unix_nano, 7);
    assert_eq!(logs[0].span_id, Some(root.span_id));

    let metric = receiver.wait_for_metric("shop.orders", SOON).await.unwrap();
    assert_eq!(metric.instrument, Instrument::Counter);
    assert_eq!(metric.temporality, Temporality::Cumulative);
    assert_eq!(metric.unit, "{order}");
    assert_eq!(metric.points[0].value, Number::Int(42));

    let traces = receiver.traces();
    assert_eq!(traces.len(), 1);
    assert_eq!((traces[0].spans.len(), traces[0].logs.len()), (2, 1));
}
