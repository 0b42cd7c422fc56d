//! OTLP/JSON as other languages write it: the liberties that the protobuf
//! JSON mapping and the OTLP specification allow a sender.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod liberties;

use otlp_console::{
    Limits, Receiver,
    model::{Instrument, Number, SpanId, SpanKind, Status, Temporality, Value},
};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value as Json, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

async fn send(receiver: &Receiver, signal: &str, body: &str) -> (u16, Json) {
    let response = reqwest::Client::new()
        .post(format!("{}/v1/{signal}", receiver.http_endpoint()))
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let answer = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&answer).unwrap())
}

/// Ids in upper and lower case, 64-bit integers as text and as numbers, an
/// unknown field on every level, nulls, empty lists left out.
const TRACE: &str = r#"{
  "resourceSpans": [{
    "resource": {
      "attributes": [
        {"key": "service.name", "value": {"stringValue": "browser"}}
      ],
      "droppedAttributesCount": 0,
      "fromTheFuture": 1
    },
    "scopeSpans": [{
      "scope": {"name": "document-load", "attributes": null},
      "spans": [{
        "traceId": "5B8EFFF798038103D269B633813FC60C",
        "spanId": "eee19b7ec3c1b174",
        "parentSpanId": "",
        "name": "documentLoad",
        "kind": 3,
        "startTimeUnixNano": "1544712660000000000",
        "endTimeUnixNano": 1544712661000000000,
        "fromTheFuture": {"a": [1, {"b": null}]},
        "attributes": [
          {"key": "int", "value": {"intValue": "9007199254740993"}},
          {"key": "number", "value": {"intValue": 7}},
          {"key": "double", "value": {"doubleValue": 637.704}},
          {"key": "text", "value": {"doubleValue": "0.5"}},
          {"key": "bytes", "value": {"bytesValue": "AQID"}},
          {"key": "empty", "value": {}},
          {"key": "none", "value": null},
          {"key": "list", "value": {"arrayValue": {}}},
          {"key": "map", "value": {"kvlistValue": {"values": [
            {"key": "yes", "value": {"boolValue": true}}
          ]}}},
          {"key": "future", "value": {"hexValue": "FF"}}
        ],
        "events": [
          {"timeUnixNano": "1544712660500000000", "name": "fetchStart"}
        ],
        "links": [{
          "traceId": "5b8efff798038103d269b633813fc60d",
          "spanId": "EEE19B7EC3C1B175"
        }],
        "status": {"code": 2, "message": "aborted", "fromTheFuture": 1}
      }]
    }],
    "fromTheFuture": []
  }],
  "fromTheFuture": true
}"#;

#[tokio::test]
async fn a_trace_from_a_browser() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    assert_eq!(send(&receiver, "traces", TRACE).await, (200, json!({})));
    let spans = receiver.wait_for_spans(1, SOON).await.unwrap();
    let span = &spans[0];
    assert_eq!(
        span.trace_id.to_string(),
        "5b8efff798038103d269b633813fc60c"
    );
    assert_eq!(span.span_id.to_string(), "eee19b7ec3c1b174");
    assert_eq!(span.parent_span_id, None);
    assert_eq!(span.kind, SpanKind::Client);
    assert_eq!(span.duration_nano(), 1_000_000_000);
    assert_eq!(span.status, Status::Error("aborted".to_owned()));
    assert_eq!(span.events[0].name, "fetchStart");
    let linked = SpanId([0xee, 0xe1, 0x9b, 0x7e, 0xc3, 0xc1, 0xb1, 0x75]);
    assert_eq!(span.links[0].span_id, linked);
    let yes = [("yes".to_owned(), Value::Bool(true))];
    let expected = [
        ("bytes", Value::Bytes(vec![1, 2, 3])),
        ("double", Value::Double(637.704)),
        ("empty", Value::Empty),
        ("future", Value::Empty),
        ("int", Value::Int(9_007_199_254_740_993)),
        ("list", Value::Array(vec![])),
        ("map", Value::Map(yes.into())),
        ("none", Value::Empty),
        ("number", Value::Int(7)),
        ("text", Value::Double(0.5)),
    ];
    let found = span.attributes.clone().into_iter();
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_enum_by_name_is_rejected() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let by_name = TRACE.replace("\"kind\": 3", "\"kind\": \"CLIENT\"");
    let (status, answer) = send(&receiver, "traces", &by_name).await;
    assert_eq!(status, 200);
    let partial = &answer["partialSuccess"];
    assert_eq!(partial["rejectedSpans"], "1");
    let message = partial["errorMessage"].as_str().unwrap();
    let expected = "spans: kind: expected an integer of 32 bits";
    assert!(message.starts_with(expected), "{message}");
}

/// Every kind of metric; counts as text and as numbers.
const METRICS: &str = r#"{"resourceMetrics": [{"scopeMetrics": [{"metrics": [
  {"name": "counter", "unit": "1", "sum": {
    "isMonotonic": true, "aggregationTemporality": 1,
    "dataPoints": [{"asInt": "5"}, {"asDouble": 2.5}]}},
  {"name": "queue", "sum": {
    "aggregationTemporality": 2, "dataPoints": [{"asInt": -3}]}},
  {"name": "temperature", "gauge": {
    "dataPoints": [{"asDouble": "21.5"}, {"flags": 1}]}},
  {"name": "latency", "fromTheFuture": 1, "histogram": {
    "aggregationTemporality": 2,
    "dataPoints": [{
      "count": "3", "sum": 6.5, "bucketCounts": ["1", 2, "0"],
      "explicitBounds": [1, "5.5"], "fromTheFuture": 1,
      "exemplars": [{"timeUnixNano": "1", "asDouble": 3,
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174"}]}]}},
  {"name": "sizes", "exponentialHistogram": {
    "aggregationTemporality": 2,
    "dataPoints": [{
      "count": "2", "sum": 3, "scale": 0, "zeroCount": "1",
      "positive": {"offset": 1, "bucketCounts": ["1"]}}]}},
  {"name": "quantiles", "summary": {
    "dataPoints": [{"count": "4", "sum": 8,
      "quantileValues": [{"quantile": 0.5, "value": "2"}]}]}}
]}]}]}"#;

#[tokio::test]
async fn every_kind_of_metric() {
    use Temporality::{Cumulative, Delta, Unspecified};
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    assert_eq!(send(&receiver, "metrics", METRICS).await, (200, json!({})));
    let latency = distribution(3, 6.5, &[1.0, 5.5], &[1, 2, 0]);
    let sizes = distribution(2, 3.0, &[], &[]);
    let quantiles = distribution(4, 8.0, &[], &[]);
    let mixed = [Number::Int(5), Number::Double(2.5)];
    let expected = [
        ("counter", Instrument::Counter, Delta, mixed.to_vec()),
        (
            "queue",
            Instrument::UpDownCounter,
            Cumulative,
            vec![Number::Int(-3)],
        ),
        (
            "temperature",
            Instrument::Gauge,
            Unspecified,
            vec![Number::Double(21.5)],
        ),
        ("latency", Instrument::Histogram, Cumulative, vec![latency]),
        ("sizes", Instrument::Histogram, Cumulative, vec![sizes]),
        (
            "quantiles",
            Instrument::Summary,
            Unspecified,
            vec![quantiles],
        ),
    ];
    for (name, instrument, temporality, numbers) in expected {
        let metric = receiver.wait_for_metric(name, SOON).await.unwrap();
        assert_eq!(metric.instrument, instrument, "{name}");
        assert_eq!(metric.temporality, temporality, "{name}");
        let points = metric.points.into_iter().map(|point| point.value);
        assert_eq!(points.collect::<Vec<_>>(), numbers, "{name}");
    }
    let metric = receiver.wait_for_metric("latency", SOON).await.unwrap();
    assert_eq!(metric.points[0].exemplars, 1);
}

fn distribution(
    count: u64,
    sum: f64,
    bounds: &[f64],
    buckets: &[u64],
) -> Number {
    let (bounds, buckets) = (bounds.to_vec(), buckets.to_vec());
    Number::Distribution {
        count,
        sum: Some(sum),
        min: None,
        max: None,
        bounds,
        buckets,
    }
}

#[tokio::test]
async fn points_without_a_number_are_rejected_and_counted() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let broken = METRICS
        .replace("\"asDouble\": \"21.5\"", "\"asDouble\": \"warm\"")
        .replace("\"summary\"", "\"fromTheFuture\"");
    let (status, answer) = send(&receiver, "metrics", &broken).await;
    assert_eq!(status, 200);
    let partial = &answer["partialSuccess"];
    assert_eq!(partial["rejectedDataPoints"], "2");
    let message = partial["errorMessage"].as_str().unwrap();
    assert!(message.contains("a number, found \"\\\"warm"), "{message}");
    let temperature =
        receiver.wait_for_metric("temperature", SOON).await.unwrap();
    assert_eq!(temperature.points, []);
}
