//! The traces that the book shows are the traces that arrive.

use std::{fs, path::Path};

// ANCHOR: imports
use crate::process::{DEADLINE, Service};
use otlp_console::{Golden, Limits, Receiver, golden};
// ANCHOR_END: imports

// ANCHOR: golden
#[tokio::test]
async fn an_order_is_one_trace_through_both_services() {
    let trace = trace_of("/orders/1", 200, 6).await;
    golden::assert_matches("traces/order.txt", &trace);
}

#[tokio::test]
async fn a_failed_order_shows_where_it_failed() {
    let trace = trace_of("/orders/3", 502, 3).await;
    golden::assert_matches("traces/order-failed.txt", &trace);
}
// ANCHOR_END: golden

/// What the book says that a test prints after a route was renamed.
#[test]
fn a_difference_names_the_file_and_the_line() {
    let path = Path::new("traces/order-failed.txt");
    let expected = fs::read_to_string(path).unwrap();
    let found = expected.replacen("{id}    ", "{number}", 1);
    let difference = golden::check(path, &found, false).unwrap_err();
    assert_eq!(
        difference.to_string().lines().next().unwrap(),
        "traces/order-failed.txt:1: expected \"GET /orders/{id}        SERVER  shop   ERROR 502\", found \"GET /orders/{number}    SERVER  shop   ERROR 502\""
    );
}

#[tokio::test]
async fn a_client_error_is_one_span_without_an_error() {
    let unknown = trace_of("/orders/9", 404, 1).await;
    golden::assert_matches("traces/order-unknown.txt", &unknown);
    let malformed = trace_of("/orders/x", 400, 1).await;
    golden::assert_matches("traces/order-malformed.txt", &malformed);
}

// ANCHOR: trace-of
/// Asks `shop` for `path`, stops both services, and renders the one trace
/// that arrived.
async fn trace_of(path: &str, status: u16, spans: usize) -> String {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let otlp = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    let stock = Service::stock(&otlp).await;
    let shop = Service::shop(&stock.url, &otlp).await;

    let url = format!("{}{path}", shop.url);
    assert_eq!(reqwest::get(url).await.unwrap().status(), status);
    assert!(shop.stop().await.status.success());
    assert!(stock.stop().await.status.success());

    receiver.wait_for_spans(spans, DEADLINE).await.unwrap();
    let traces = receiver.traces();
    assert_eq!(traces.len(), 1, "one request, one trace");
    Golden::default().render(&traces[0])
}
// ANCHOR_END: trace-of
