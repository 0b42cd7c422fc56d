//! Single values: what is read in more ways than one, and what is not.

use crate::{SOON, distribution, send};
use otlp_console::{
    Limits, Receiver,
    model::{SpanKind, Value},
};
use serde_json::json;

/// Values that JSON has no numbers for, and a span beside them.
const NAN_SPAN: &str = r#"{"resourceSpans":[{"resource":{"attributes":[
  {"key":"service.name","value":{"stringValue":"other-language"}}]},
  "scopeSpans":[{"spans":[
  {"traceId":"5b8efff798038103d269b633813fc601","spanId":"eee19b7ec3c1b101",
   "name":"good neighbour","kind":1},
  {"traceId":"5b8efff798038103d269b633813fc602","spanId":"eee19b7ec3c1b102",
   "name":"ratio of nothing","kind":1,"attributes":[
    {"key":"below","value":{"doubleValue":"-Infinity"}},
    {"key":"limit","value":{"doubleValue":"Infinity"}},
    {"key":"ratio","value":{"doubleValue":"NaN"}}]}
]}]}]}"#;

#[tokio::test]
async fn doubles_that_are_no_numbers_arrive() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(send(&receiver, "traces", NAN_SPAN).await, (200, json!({})));
    }
    let spans = receiver.spans();
    assert_eq!(spans.len(), 2, "and repeated spans count once");
    let values: Vec<_> = spans[1].attributes.values().cloned().collect();
    let expected = [f64::NEG_INFINITY, f64::INFINITY, f64::NAN];
    assert_eq!(values, expected.map(Value::Double));

    let metrics = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
      {"name":"gauge.nan","gauge":{"dataPoints":[{"asDouble":"NaN"}]}},
      {"name":"latency","histogram":{"dataPoints":[
        {"count":"1","sum":"NaN","min":"-Infinity","max":"Infinity",
         "bucketCounts":["1","0"],"explicitBounds":[1]},
        {"count":"1","sum":1,"bucketCounts":["1","0"],"explicitBounds":[1]}
    ]}}]}]}]}"#;
    assert_eq!(send(&receiver, "metrics", metrics).await, (200, json!({})));
    let latency = receiver.wait_for_metric("latency", SOON).await.unwrap();
    assert_eq!(latency.points.len(), 2);
    assert_eq!(
        latency.points[1].value,
        distribution(1, 1.0, &[1.0], &[1, 0])
    );
}

#[tokio::test]
async fn a_value_that_cannot_be_read_costs_its_own_item() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let value = "\"doubleValue\":\"NaN\"";
    let wrong = [
        "\"doubleValue\":\"nan\"",
        "\"doubleValue\":\"inf\"",
        "\"doubleValue\":1e999",
        "\"doubleValue\":true",
        "\"intValue\":\"9223372036854775808\"",
        "\"intValue\":1.5",
        "\"boolValue\":\"true\"",
        "\"bytesValue\":\"=\"",
        "\"arrayValue\":{\"values\":[null]}",
        "\"arrayValue\":[]",
        "\"stringValue\":7",
        "\"stringValue\":\"\\ud800\"",
    ];
    for wrong in wrong {
        receiver.clear();
        let body = NAN_SPAN.replace(value, wrong);
        let (status, answer) = send(&receiver, "traces", &body).await;
        assert_eq!(status, 200, "{wrong}");
        let partial = &answer["partialSuccess"];
        assert_eq!(partial["rejectedSpans"], "1", "{wrong}");
        let reason = partial["errorMessage"].as_str().unwrap();
        assert!(reason.starts_with("spans: attributes: "), "{reason}");
        let spans = receiver.spans();
        assert_eq!(spans.len(), 1, "{wrong}");
        assert_eq!(spans[0].name, "good neighbour");
    }
    // What stands around the spans takes all of them along, and no more.
    let service = "\"stringValue\":\"other-language\"";
    let body = NAN_SPAN.replace(service, "\"intValue\":{}");
    let (status, answer) = send(&receiver, "traces", &body).await;
    assert_eq!(status, 200);
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "2");
}

#[tokio::test]
async fn the_liberties_of_the_mapping() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let of = |value: &str| {
        NAN_SPAN
            .replace("\"doubleValue\":\"NaN\"", value)
            .replace("traceId", "trace_id")
            .replace("resourceSpans", "resource_spans")
    };
    let cases = [
        ("\"intValue\":7", Value::Int(7)),
        ("\"intValue\":\"-7\"", Value::Int(-7)),
        ("\"intValue\":5.0", Value::Int(5)),
        ("\"int_value\":\"1e3\"", Value::Int(1_000)),
        (
            "\"intValue\":\"-9223372036854775808\"",
            Value::Int(i64::MIN),
        ),
        ("\"doubleValue\":\"-1.5e3\"", Value::Double(-1_500.0)),
        ("\"bytesValue\":\"-_8\"", Value::Bytes(vec![0xFB, 0xFF])),
        ("\"bytesValue\":\"+/8=\"", Value::Bytes(vec![0xFB, 0xFF])),
        ("\"stringValue\":\"\\u00e9\"", "é".into()),
        ("\"stringValue\":null", Value::Empty),
    ];
    for (written, expected) in cases {
        receiver.clear();
        let answer = send(&receiver, "traces", &of(written)).await;
        assert_eq!(answer, (200, json!({})), "{written}");
        let ratio = &receiver.spans()[1].attributes["ratio"];
        assert_eq!(*ratio, expected, "{written}");
    }
    receiver.clear();
    let unknown = NAN_SPAN.replace("\"kind\":1", "\"kind\":99");
    assert_eq!(send(&receiver, "traces", &unknown).await, (200, json!({})));
    assert_eq!(receiver.spans()[0].kind, SpanKind::Unspecified);
}

#[tokio::test]
async fn what_is_too_deep_is_rejected_alone() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let nested = |levels: usize| {
        let open = "\"arrayValue\":{\"values\":[{".repeat(levels);
        format!("{open}{}", "}]}".repeat(levels))
    };
    for (levels, rejected) in [(20, false), (5_000, true)] {
        receiver.clear();
        let value = nested(levels);
        let body = NAN_SPAN.replace("\"doubleValue\":\"NaN\"", &value);
        let (status, answer) = send(&receiver, "traces", &body).await;
        assert_eq!(status, 200);
        let count = &answer["partialSuccess"]["rejectedSpans"];
        assert_eq!(*count == "1", rejected, "{answer}");
        assert_eq!(receiver.spans()[0].name, "good neighbour");
    }
}

#[tokio::test]
async fn a_log_with_a_structured_body() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let logs = r#"{"resourceLogs": [{"scopeLogs": [{"logRecords": [{
      "eventName": "browser.page_view",
      "timeUnixNano": "0",
      "observedTimeUnixNano": "1544712660300000000",
      "severityNumber": 10,
      "severityText": "Information",
      "traceId": "5B8EFFF798038103D269B633813FC60C",
      "spanId": "",
      "flags": 1,
      "body": {"kvlistValue": {"values": [
        {"key": "type", "value": {"intValue": "0"}}
      ]}}
    }]}]}]}"#;
    assert_eq!(send(&receiver, "logs", logs).await, (200, json!({})));
    let logs = receiver.wait_for_logs(1, SOON).await.unwrap();
    let log = &logs[0];
    assert_eq!(log.event_name, "browser.page_view");
    assert_eq!(log.time_unix_nano, 1_544_712_660_300_000_000);
    assert_eq!(
        (log.severity_number, log.severity_text.as_str()),
        (10, "Information")
    );
    assert!(log.trace_id.is_some() && log.span_id.is_none());
    assert_eq!(log.body.to_string(), "{type=0}");
}
