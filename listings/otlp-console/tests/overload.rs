//! A costly request neither fills the memory nor keeps other senders
//! from being served.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{gzip, viewer::Viewer};
use opentelemetry_proto::tonic::collector::{
    logs::v1::logs_service_server, trace::v1::trace_service_server,
};
use otlp_console::{Limits, Receiver};
use prost::Message;
use reqwest::{
    Client, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use std::time::Duration;
use tokio::{io::AsyncWriteExt, net::TcpStream};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// As many bytes of it as a request may have.
const MOST: usize = 4 << 20;

/// A field with a length.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    prost::encode_length_delimiter(content.len(), &mut bytes).unwrap();
    bytes.extend(content);
    bytes
}

/// Requests that are two bytes for each of two million parts.
fn costly() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let many = |number: u8| [number << 3 | 2, 0].repeat(MOST / 2 - 20);
    let request = |items: &[u8]| field(1, &field(2, items));
    let span = |part: u8| request(&field(2, &many(part)));
    let records = "{},".repeat(MOST / 3 - 30);
    let json = format!(
        "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[\
         {records}{{}}]}}]}}]}}"
    );
    vec![
        ("traces", PROTOBUF, request(&many(2))),
        ("logs", PROTOBUF, request(&many(2))),
        ("metrics", PROTOBUF, request(&many(2))),
        ("traces", PROTOBUF, span(9)),
        ("traces", PROTOBUF, span(11)),
        ("logs", PROTOBUF, span(6)),
        ("traces", PROTOBUF, field(1, &field(1, &many(1)))),
        ("logs", JSON, json.into_bytes()),
    ]
}

#[tokio::test]
async fn memory_is_bounded_whatever_requests_hold() {
    let viewer = Viewer::start(&["--settle", "1h", "--patience", "1h"]);
    let mut senders = Vec::new();
    for (signal, content_type, body) in costly() {
        assert!(body.len() <= MOST);
        let body = gzip(&body);
        assert!(body.len() < 64 << 10, "{}", body.len());
        if content_type == PROTOBUF && signal != "metrics" {
            let endpoint = viewer.grpc.clone();
            let service = match signal {
                "logs" => logs_service_server::SERVICE_NAME,
                _ => trace_service_server::SERVICE_NAME,
            };
            let body = body.clone();
            senders.push(tokio::spawn(async move {
                common::grpc(&endpoint, service, &body, true).await;
            }));
        }
        let url = format!("{}/v1/{signal}", viewer.http);
        senders.push(tokio::spawn(async move {
            let request = Client::new()
                .post(url)
                .header(CONTENT_TYPE, content_type)
                .header(CONTENT_ENCODING, "gzip");
            let response = request.body(body).send().await.unwrap();
            // Some of it is taken in: a batch of records is no crime. On a
            // busy machine the last of them wait too long.
            let status = response.status();
            let expected = [
                StatusCode::OK,
                StatusCode::PAYLOAD_TOO_LARGE,
                StatusCode::REQUEST_TIMEOUT,
                StatusCode::SERVICE_UNAVAILABLE,
            ];
            assert!(expected.contains(&status), "{signal}: {status}");
        }));
    }
    for sender in senders {
        sender.await.unwrap();
    }
    viewer.send(vec![common::span(1)]).await;
    let peak = viewer.peak_memory();
    assert!(peak < 200 << 20, "it took {} MiB", peak >> 20);
}

/// The request in front of a body that does not come as a whole.
fn head(length: usize) -> String {
    format!(
        "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: {PROTOBUF}\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

async fn half_sent(receiver: &Receiver, sent: usize) -> TcpStream {
    let address = receiver.http_endpoint().replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head(sent + 1).as_bytes()).await.unwrap();
    stream.write_all(&vec![0; sent]).await.unwrap();
    stream
}

async fn post(receiver: &Receiver) -> StatusCode {
    let body = common::traces(vec![common::span(1)]).encode_to_vec();
    let url = format!("{}/v1/traces", receiver.http_endpoint());
    let request = Client::new().post(url).header(CONTENT_TYPE, PROTOBUF);
    request.body(body).send().await.unwrap().status()
}

#[tokio::test]
async fn bodies_that_do_not_come_hold_nobody_up() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let mut streams = Vec::new();
    for _ in 0..200 {
        streams.push(half_sent(&receiver, 10).await);
    }
    // Before the ten seconds after which the others are given up.
    until(&receiver, StatusCode::OK).await;
    drop(streams);
}

#[tokio::test]
async fn the_bytes_of_bodies_are_bounded_and_given_back() {
    let limits = Limits {
        message_bytes: 10_000,
        ..Limits::default()
    };
    let receiver = Receiver::start(limits).await.unwrap();
    // Eight times the largest request is the most that may be on its way.
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(half_sent(&receiver, 9_990).await);
    }
    until(&receiver, StatusCode::SERVICE_UNAVAILABLE).await;
    drop(streams);
    until(&receiver, StatusCode::OK).await;
}

/// Sends until the answer is as it should be.
async fn until(receiver: &Receiver, status: StatusCode) {
    let answered = async {
        while post(receiver).await != status {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let limit = Duration::from_secs(8);
    tokio::time::timeout(limit, answered).await.unwrap();
}
