//! Clients that send half of what they should, and stay.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use otlp_console::{Limits, Receiver};
use service::Connections;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const DEADLINE: Duration = Duration::from_secs(30);

async fn impatient() -> Receiver {
    let connections = Connections {
        most: 4.try_into().unwrap(),
        head: Duration::from_millis(200),
        ..Connections::default()
    };
    let limits = Limits {
        connections,
        ..Limits::default()
    };
    Receiver::start(limits).await.unwrap()
}

async fn client(endpoint: &str, words: &str) -> TcpStream {
    let address = endpoint.strip_prefix("http://").unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(words.as_bytes()).await.unwrap();
    client
}

/// Waits until the receiver hangs up.
async fn left_alone(mut client: TcpStream) {
    let reading = async {
        // Closed in order, or reset.
        while matches!(client.read(&mut [0; 1024]).await, Ok(1..)) {}
    };
    timeout(DEADLINE, reading).await.expect("it is held");
}

#[tokio::test]
async fn half_sent_heads_make_room_for_telemetry_over_http() {
    let receiver = impatient().await;
    let endpoint = receiver.http_endpoint();
    let mut held = Vec::new();
    for _ in 0..8 {
        let head = "POST /v1/traces HTTP/1.1\r\n";
        held.push(client(&endpoint, head).await);
    }
    let asking = reqwest::Client::new()
        .post(format!("{endpoint}/v1/traces"))
        .header("content-type", "application/json")
        .body("{}")
        .send();
    let answer = timeout(DEADLINE, asking).await.expect("no answer");
    assert_eq!(answer.unwrap().status(), 200);
    for client in held {
        left_alone(client).await;
    }
}

#[tokio::test]
async fn half_sent_prefaces_make_room_for_telemetry_over_grpc() {
    let receiver = impatient().await;
    let endpoint = receiver.grpc_endpoint();
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(client(&endpoint, "PRI * HTTP/2.0\r\n").await);
    }
    let exporting = async {
        let mut client = TraceServiceClient::connect(endpoint).await.unwrap();
        client.export(common::traces(vec![common::span(1)])).await
    };
    let answer = timeout(DEADLINE, exporting).await.expect("no answer");
    answer.unwrap();
    for client in held {
        left_alone(client).await;
    }
}
