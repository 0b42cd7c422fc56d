//! Clients that send half of what they should, and stay.

use otlp_console::{Limits, Receiver};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::process::{DEADLINE, Service};

async fn client(service: &Service, words: &str) -> TcpStream {
    let address = service.url.strip_prefix("http://").unwrap();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(words.as_bytes()).await.unwrap();
    client
}

// ANCHOR: attack
#[tokio::test]
async fn more_half_sent_heads_than_files_keep_nobody_from_an_answer() {
    // Once as a bound below that of the operating system, and once above it.
    for most in ["32", "1024"] {
        let settings = [
            ("MAX_CONNECTIONS", most),
            ("HEAD_TIMEOUT_MS", "200"),
            ("OTEL_SDK_DISABLED", "true"),
        ];
        let stock = Service::stock_with_files(64, &settings).await;
        let mut held = Vec::new();
        for _ in 0..100 {
            held.push(client(&stock, "GET /items/cup HTTP/1.1\r\n").await);
        }
        let asking = reqwest::get(format!("{}/items/cup", stock.url));
        let answer = timeout(DEADLINE, asking).await.expect("no answer");
        assert_eq!(answer.unwrap().status(), 200, "{most}");
        drop(held);
    }
}
// ANCHOR_END: attack

#[tokio::test]
async fn a_body_that_never_comes_holds_no_connection() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    let stock = Service::stock(&settings).await;
    let half = "GET /items/cup HTTP/1.1\r\nhost: stock\r\n\
        content-length: 10\r\n\r\n{";
    let mut client = client(&stock, half).await;
    let mut answer = String::new();
    let reading = client.read_to_string(&mut answer);
    timeout(DEADLINE, reading)
        .await
        .expect("it is held")
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    stock.stop().await;
}
