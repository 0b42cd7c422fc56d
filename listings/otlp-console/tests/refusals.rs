//! What must not be taken in gets the answer that OTLP asks for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceResponse, trace_service_client::TraceServiceClient,
    trace_service_server,
};
use otlp_console::{Limits, Receiver};
use prost::Message;
use reqwest::{
    Client, Method, Response,
    header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE},
};
use serde_json::Value;
use std::time::{Duration, Instant};
use tonic::{Code, codec::CompressionEncoding::Gzip};
use tonic_types::Status;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

async fn small_receiver() -> Receiver {
    let limits = Limits {
        message_bytes: 1_000,
        ..Limits::default()
    };
    Receiver::start(limits).await.unwrap()
}

async fn post(
    receiver: &Receiver,
    path: &str,
    content_type: &str,
    encoding: &str,
    body: Vec<u8>,
) -> Response {
    Client::new()
        .post(format!("{}{path}", receiver.http_endpoint()))
        .header(CONTENT_TYPE, content_type)
        .header(CONTENT_ENCODING, encoding)
        .body(body)
        .send()
        .await
        .unwrap()
}

/// The message of a `google.rpc.Status` in the encoding that was asked for.
async fn reason(response: Response, content_type: &str) -> String {
    assert_eq!(response.headers()[CONTENT_TYPE], content_type);
    let body = response.bytes().await.unwrap();
    if content_type == PROTOBUF {
        return Status::decode(body).unwrap().message;
    }
    let status: Value = serde_json::from_slice(&body).unwrap();
    status["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_refusal_has_its_status_and_says_why() {
    let receiver = small_receiver().await;
    let big = vec![b' '; 2_000];
    let bad_gzip = b"not gzip".to_vec();
    let bomb = common::gzip(&vec![0; 1 << 20]);
    assert!(bomb.len() < 1_100, "compressed it must be small");
    let bomb_json = common::gzip(&vec![b' '; 100_000]);
    assert!(bomb_json.len() < 1_000);
    let traces = "/v1/traces";
    let cases = [
        (traces, PROTOBUF, "identity", vec![0xFF], 400, "decode"),
        (traces, JSON, "identity", b"{".to_vec(), 400, "EOF"),
        (traces, JSON, "identity", b"[1]".to_vec(), 400, "expected"),
        (traces, JSON, "gzip", bad_gzip, 400, ""),
        (traces, JSON, "identity", big.clone(), 413, "large"),
        (traces, PROTOBUF, "identity", big, 413, "large"),
        (traces, PROTOBUF, "gzip", bomb, 413, ""),
        (traces, JSON, "gzip", bomb_json, 413, "length limit"),
        (traces, JSON, "br", vec![], 415, "gzip"),
        ("/v1/spans", JSON, "identity", vec![], 404, "/v1/traces"),
        ("/", PROTOBUF, "identity", vec![], 404, "/v1/traces"),
    ];
    for (path, content_type, encoding, body, status, word) in cases {
        let case = format!("{path} {content_type} {encoding} {status}");
        let response =
            post(&receiver, path, content_type, encoding, body).await;
        assert_eq!(response.status(), status, "{case}");
        let reason = reason(response, content_type).await;
        assert!(reason.contains(word), "{case}: {reason}");
        assert!(!reason.is_empty(), "{case}");
    }
}

#[tokio::test]
async fn other_content_types_and_methods_are_refused() {
    let receiver = small_receiver().await;
    for content_type in ["text/plain", "application/protobuf", ""] {
        let traces = "/v1/traces";
        let response =
            post(&receiver, traces, content_type, "identity", vec![]).await;
        assert_eq!(response.status(), 415);
        let reason = reason(response, PROTOBUF).await;
        assert!(reason.contains("application/x-protobuf"), "{reason}");
    }
    let endpoint = format!("{}/v1/traces", receiver.http_endpoint());
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = Client::new().request(method, &endpoint);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()[ALLOW], "POST");
        assert!(reason(response, PROTOBUF).await.contains("POST"));
    }
}

#[tokio::test]
async fn an_empty_request_is_a_success() {
    let receiver = small_receiver().await;
    for path in ["/v1/traces", "/v1/metrics", "/v1/logs"] {
        for (content_type, body) in [(PROTOBUF, ""), (JSON, "{}")] {
            let body = body.as_bytes().to_vec();
            let response =
                post(&receiver, path, content_type, "identity", body).await;
            assert_eq!(response.status(), 200);
        }
    }
}

#[tokio::test]
async fn spans_with_invalid_ids_are_rejected_and_counted() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let mut short = common::span(2);
    short.trace_id.pop();
    let mut zero = common::span(3);
    zero.span_id = vec![0; 8];
    let mut long_parent = common::span(4);
    long_parent.parent_span_id = vec![1; 9];
    let mut zero_parent = common::span(5);
    zero_parent.parent_span_id = vec![0; 8];
    let spans = vec![common::span(1), short, zero, long_parent, zero_parent];
    let request = common::traces(spans);

    let body = request.encode_to_vec();
    let path = "/v1/traces";
    let response = post(&receiver, path, PROTOBUF, "identity", body).await;
    assert_eq!(response.status(), 200);
    let answer = response.bytes().await.unwrap();
    let answer = ExportTraceServiceResponse::decode(answer).unwrap();
    let partial = answer.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 3);
    assert!(partial.error_message.contains("\"span 2\": its trace id"));

    let body = serde_json::to_vec(&request).unwrap();
    let response = post(&receiver, path, JSON, "identity", body).await;
    let answer = response.bytes().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "3");

    let spans = receiver.spans();
    let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
    assert_eq!(names, ["span 1", "span 5"], "and repeated spans count once");
    assert_eq!(spans[1].parent_span_id, None);
}

#[tokio::test]
async fn grpc_blames_the_request() {
    let receiver = small_receiver().await;
    let endpoint = receiver.grpc_endpoint();
    let mut client = TraceServiceClient::connect(endpoint).await.unwrap();
    let many = common::traces((1..100).map(common::span).collect());
    let too_large = client.export(many).await.unwrap_err();
    assert_eq!(too_large.code(), Code::ResourceExhausted, "{too_large}");
    let mut bomb = common::span(1);
    bomb.name = " ".repeat(1 << 20);
    let bomb = common::traces(vec![bomb]);
    let mut client = client.send_compressed(Gzip);
    let inflates = client.export(bomb).await.unwrap_err();
    assert_eq!(inflates.code(), Code::ResourceExhausted, "{inflates}");
    assert_eq!(receiver.spans(), []);

    let endpoint = receiver.grpc_endpoint();
    let service = trace_service_server::SERVICE_NAME;
    let undecodable = common::grpc(&endpoint, service, &[0xFF], false).await;
    assert_eq!(undecodable, Code::InvalidArgument);
    let unknown = common::grpc(&endpoint, "no.Service", &[], false).await;
    assert_eq!(unknown, Code::Unimplemented);
}

#[tokio::test]
async fn a_taken_port_is_one_clear_sentence() {
    let first = small_receiver().await;
    let taken = first.http_endpoint().replace("http://", "");
    let any = "127.0.0.1:0".parse().unwrap();
    let second =
        Receiver::bind(taken.parse().unwrap(), any, Limits::default()).await;
    let error = second.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot listen for OTLP/HTTP on"),
        "{error}"
    );
    assert!(error.contains(&taken), "{error}");

    drop(first);
    let again =
        Receiver::bind(taken.parse().unwrap(), any, Limits::default()).await;
    assert!(again.is_ok(), "a dropped receiver frees its ports");
}

#[tokio::test]
async fn a_missed_deadline_says_what_did_arrive() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let body = common::traces(vec![common::span(1)]).encode_to_vec();
    post(&receiver, "/v1/traces", PROTOBUF, "identity", body).await;
    let start = Instant::now();
    let deadline = Duration::from_millis(50);
    let missing = receiver.wait_for_spans(2, deadline).await.unwrap_err();
    assert!(start.elapsed() >= deadline);
    assert_eq!(
        missing.to_string(),
        "waited 50ms for 2 spans; received 1 span: span 1 (shop); \
         no log records; no metrics"
    );
    receiver.clear();
    assert_eq!(receiver.spans(), []);
}
