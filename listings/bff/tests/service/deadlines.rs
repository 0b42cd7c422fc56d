//! One budget for the whole of a request, however it is spent.

use std::time::{Duration, Instant};

use bff::{
    backends::{
        Role,
        faults::{Failure, Faults},
    },
    deadline,
};
use futures_util::stream;
use reqwest::{Body, Method, StatusCode};
use serde_json::json;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::lab::{Answer, DEADLINE, Lab, failing};

const BUDGET: Duration = Duration::from_millis(1_000);
const MARGIN: Duration = Duration::from_millis(700);
const SETTINGS: [(&str, &str); 2] =
    [("BUDGET_MS", "1000"), ("HEDGE_AFTER_MS", "0")];

/// A body that stops for `pause` before its last byte.
fn with_pause(body: &'static str, pause: Duration) -> Body {
    let (head, tail) = body.split_at(body.len() - 1);
    let parts = [(head, Duration::ZERO), (tail, pause)];
    Body::wrap_stream(stream::unfold(0, move |at: usize| async move {
        let (part, pause) = parts.get(at)?;
        sleep(*pause).await;
        Some((Ok::<_, std::io::Error>(*part), at + 1))
    }))
}

async fn post(lab: &Lab, body: Body) -> (Answer, Duration) {
    let request = lab
        .request(Method::POST, "/desktop/bulk")
        .header("content-type", "application/json")
        .body(body);
    let start = Instant::now();
    let answer = Answer::of(request.send().await.unwrap()).await;
    (answer, start.elapsed())
}

const ME: &str = r#"{"operations":[{"get":"me"}]}"#;

#[tokio::test]
async fn the_time_of_the_upload_counts() {
    let lab = Lab::start(&SETTINGS).await;
    let slow = Faults {
        latency_ms: 600,
        ..Faults::default()
    };
    lab.trouble(Role::User, slow).await;
    let (answer, _) = post(&lab, ME.into()).await;
    assert_eq!(answer.json()["results"][0]["status"], 200, "{answer:?}");
    let upload = Duration::from_millis(500);
    let (answer, took) = post(&lab, with_pause(ME, upload)).await;
    assert_eq!(answer.json()["results"][0]["status"], 504, "{answer:?}");
    assert!(took < BUDGET + MARGIN, "{took:?}");
    lab.finish().await;
}

#[tokio::test]
async fn an_upload_that_does_not_end_is_answered_in_time() {
    let lab = Lab::start(&SETTINGS).await;
    let (answer, took) = post(&lab, with_pause(ME, DEADLINE)).await;
    assert_eq!(answer.status, 408);
    assert_eq!(answer.json()["type"], "/problems/upload-timed-out");
    assert!(took < BUDGET + MARGIN, "{took:?}");
    assert_eq!(lab.requests(Role::User).await, 0);
    lab.finish().await;
}

#[tokio::test]
async fn who_sends_too_much_hears_of_it() {
    let lab = Lab::start(&[]).await;
    let limit = 64 * 1024;
    for (length, status) in [(limit, 400), (limit + 1, 413), (900_000, 413)] {
        let (answer, _) = post(&lab, " ".repeat(length).into()).await;
        assert_eq!(answer.status, status, "{length}");
    }
    lab.finish().await;
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_is_waited_for_in_time() {
    // It takes one connection that nobody accepts, and no more.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let patience = Duration::from_millis(300);
    while let Ok(stream) = timeout(patience, TcpStream::connect(address)).await
    {
        waiting.push(stream.unwrap());
        assert!(waiting.len() < 100, "it takes any number");
    }
    let url = format!("http://{address}");
    let lab =
        Lab::start(&[SETTINGS[0], SETTINGS[1], ("PRODUCT_URL", &url)]).await;
    let start = Instant::now();
    let answer = lab.get("/web/home").await;
    let took = start.elapsed();
    assert_eq!(answer.json()["degraded"], json!(["recommendations"]));
    assert!(took < BUDGET + MARGIN, "{took:?}");
    lab.finish().await;
}

#[tokio::test]
async fn a_backend_stops_when_the_budget_of_its_caller_is_used_up() {
    let lab = Lab::start(&[]).await;
    lab.trouble(Role::User, failing(Failure::Hang)).await;
    let url = format!("{}/me", lab.backend(Role::User));
    let client = reqwest::Client::new();
    let request = client.get(&url).header(deadline::HEADER, "100");
    let answer = request.timeout(DEADLINE).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
    lab.until_running(Role::User, 0).await;
    lab.finish().await;
}

#[tokio::test]
async fn a_backend_stops_when_its_caller_has_gone() {
    let lab = Lab::start(&[]).await;
    lab.trouble(Role::User, failing(Failure::Hang)).await;
    // Of no budget here: it is the closed connection that counts.
    let request = reqwest::get(format!("{}/me", lab.backend(Role::User)));
    let request = tokio::spawn(request);
    lab.until_running(Role::User, 1).await;
    request.abort();
    lab.until_running(Role::User, 0).await;
    lab.finish().await;
}

#[tokio::test]
async fn the_backends_stop_when_the_client_of_the_page_has_gone() {
    let lab = Lab::start(&[]).await;
    lab.trouble(Role::Order, failing(Failure::Hang)).await;
    let request = tokio::spawn(lab.request(Method::GET, "/web/home").send());
    lab.until_running(Role::Order, 1).await;
    request.abort();
    lab.until_running(Role::Order, 0).await;
    lab.finish().await;
}
