//! Memory stays within its bounds, and what had to go is counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use otlp_console::{Evicted, Limits, Receiver};
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use std::{fs, io::Write};

async fn send(receiver: &Receiver, signal: &str, body: Vec<u8>) {
    let response = reqwest::Client::new()
        .post(format!("{}/v1/{signal}", receiver.http_endpoint()))
        .header(CONTENT_TYPE, "application/x-protobuf")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}

async fn send_trace(receiver: &Receiver, trace: u8, spans: u8) {
    let spans = (1..=spans).map(|number| {
        let mut span = common::span(number);
        span.trace_id = vec![trace; 16];
        span
    });
    let request = common::traces(spans.collect());
    send(receiver, "traces", request.encode_to_vec()).await;
}

fn traces_held(receiver: &Receiver) -> Vec<u8> {
    let traces = receiver.traces();
    traces.iter().map(|trace| trace.trace_id.0[0]).collect()
}

#[tokio::test]
async fn the_oldest_trace_makes_room() {
    let limits = Limits {
        spans: 5,
        ..Limits::default()
    };
    let receiver = Receiver::start(limits).await.unwrap();
    send_trace(&receiver, 1, 2).await;
    send_trace(&receiver, 2, 2).await;
    let log = common::logs("in trace 0xA1");
    send(&receiver, "logs", log.encode_to_vec()).await;
    assert_eq!(receiver.evicted(), Evicted::default());
    send_trace(&receiver, 3, 2).await;
    assert_eq!(traces_held(&receiver), [2, 0xA1, 3]);
    send_trace(&receiver, 4, 4).await;
    assert_eq!(traces_held(&receiver), [4]);
    let evicted = receiver.evicted();
    let expected = Evicted {
        traces: 4,
        spans: 6,
        logs: 1,
        points: 0,
    };
    assert_eq!(evicted, expected);
    assert_eq!(
        evicted.to_string(),
        "4 traces with 6 spans, 1 log record, no metric points"
    );
}

#[tokio::test]
async fn more_than_may_be_held_is_refused() {
    let limits = Limits {
        spans: 5,
        ..Limits::default()
    };
    let receiver = Receiver::start(limits).await.unwrap();
    send_trace(&receiver, 1, 5).await;
    let body = common::traces((1..=6).map(common::span).collect());
    let response = reqwest::Client::new()
        .post(format!("{}/v1/traces", receiver.http_endpoint()))
        .header(CONTENT_TYPE, "application/json")
        .body(serde_json::to_vec(&body).unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 413);
    let answer = response.text().await.unwrap();
    assert!(answer.contains("6 items, and no more than 5"), "{answer}");
    assert_eq!(traces_held(&receiver), [1]);
}

#[tokio::test]
async fn a_resource_weighs_in_each_trace_that_holds_it() {
    let limits = Limits {
        held_bytes: 1_000_000,
        ..Limits::default()
    };
    let receiver = Receiver::start(limits).await.unwrap();
    // A large resource that many spans of a batch share, one of them in a
    // trace that outlives the others.
    for batch in 2..=20 {
        let mut old = common::span(1);
        old.trace_id = vec![1; 16];
        let mut spans = vec![old; 100];
        for (span, id) in spans.iter_mut().zip(1..) {
            span.span_id = vec![id; 8];
        }
        spans[0].trace_id = vec![batch; 16];
        let mut request = common::traces(spans);
        let sender = &mut request.resource_spans[0];
        let resource = sender.resource.as_mut().unwrap();
        let large = "x".repeat(100_000);
        resource.attributes.push(common::text("large", &large));
        send(&receiver, "traces", request.encode_to_vec()).await;
    }
    let resources = receiver.traces().len() * 100_000;
    assert!(resources < 1_000_000, "{resources} bytes in resources");
}

#[tokio::test]
async fn points_and_logs_are_bounded() {
    let limits = Limits {
        points: 2,
        logs: 1,
        ..Limits::default()
    };
    let receiver = Receiver::start(limits).await.unwrap();
    for name in ["a", "b", "c"] {
        let metric = common::metrics(name).encode_to_vec();
        send(&receiver, "metrics", metric).await;
        let mut request = common::logs(name);
        let log = &mut request.resource_logs[0].scope_logs[0].log_records[0];
        log.trace_id.clear();
        send(&receiver, "logs", request.encode_to_vec()).await;
    }
    let metrics = receiver.metrics();
    let names: Vec<_> = metrics.iter().map(|metric| &metric.name).collect();
    assert_eq!(names, ["b", "c"]);
    let logs = receiver.logs();
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0].body, "c".into());
    let expected = Evicted {
        points: 1,
        logs: 2,
        ..Evicted::default()
    };
    assert_eq!(receiver.evicted(), expected);
}

#[tokio::test]
async fn large_spans_count_by_their_size() {
    let limits = Limits {
        held_bytes: 300_000,
        ..Limits::default()
    };
    let receiver = Receiver::start(limits).await.unwrap();
    for trace in 1..=9 {
        let mut span = common::span(1);
        span.trace_id = vec![trace; 16];
        span.attributes = vec![common::text("a", &"x".repeat(100_000))];
        let request = common::traces(vec![span]);
        send(&receiver, "traces", request.encode_to_vec()).await;
    }
    assert_eq!(traces_held(&receiver), [8, 9]);
}

#[tokio::test]
async fn a_zip_bomb_is_refused_in_little_memory() {
    const INFLATED: usize = 128 << 20;
    let mut bomb =
        flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1 << 20];
    for _ in 0..INFLATED / zeros.len() {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < Limits::default().message_bytes);
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let before = peak_memory();
    let response = reqwest::Client::new()
        .post(format!("{}/v1/traces", receiver.http_endpoint()))
        .header(CONTENT_TYPE, "application/x-protobuf")
        .header(CONTENT_ENCODING, "gzip")
        .body(bomb)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 413);
    let grown = peak_memory() - before;
    assert!(grown < INFLATED / 4, "grew by {grown} bytes");
}

/// Peak resident memory of this process in bytes.
fn peak_memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse::<usize>().unwrap() * 1024
}
