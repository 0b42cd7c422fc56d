//! One budget for the whole of a request, however it is spent.

use std::{future::pending, time::Duration};

use bff::{
    backends::{Role, faults::Failure},
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

/// For somebody who hangs for ever: without it, there is no answer. Long
/// enough for a busy machine to do everything else.
const BRIEF: (&str, &str) = ("BUDGET_MS", "4000");

/// A body that has its last byte when `last` is over.
fn with_pause(
    body: &'static str,
    last: impl Future<Output = ()> + Send + 'static,
) -> Body {
    let (head, tail) = body.split_at(body.len() - 1);
    let parts = stream::once(async move { head });
    let last = stream::once(async move {
        last.await;
        tail
    });
    let parts = stream::StreamExt::chain(parts, last);
    Body::wrap_stream(stream::StreamExt::map(parts, Ok::<_, std::io::Error>))
}

async fn post(lab: &Lab, body: Body) -> Answer {
    let request = lab
        .request(Method::POST, "/desktop/bulk")
        .header("content-type", "application/json")
        .body(body);
    Answer::of(request.send().await.unwrap()).await
}

const ME: &str = r#"{"operations":[{"get":"me"}]}"#;

#[tokio::test]
async fn the_time_of_the_upload_counts() {
    let lab = Lab::start(&[("BUDGET_MS", "40000")]).await;
    for upload in [Duration::ZERO, Duration::from_secs(1)] {
        let answer = post(&lab, with_pause(ME, sleep(upload))).await;
        assert_eq!(answer.json()["results"][0]["status"], 200, "{answer:?}");
        let left = lab.door(Role::User).header(deadline::HEADER);
        let left = Duration::from_millis(left.parse().unwrap());
        // A twentieth is kept for the answer.
        assert!(left <= Duration::from_secs(38) - upload, "{left:?}");
    }
    lab.finish().await;
}

#[tokio::test]
async fn an_upload_that_does_not_end_is_answered() {
    let lab = Lab::start(&[BRIEF]).await;
    let answer = post(&lab, with_pause(ME, pending())).await;
    assert_eq!(answer.status, 408);
    assert_eq!(answer.json()["type"], "/problems/upload-timed-out");
    assert_eq!(lab.requests(Role::User).await, 0);
    lab.finish().await;
}

#[tokio::test]
async fn who_sends_too_much_hears_of_it() {
    let lab = Lab::start(&[]).await;
    let limit = 64 * 1024;
    for (length, status) in [(limit, 400), (limit + 1, 413), (900_000, 413)] {
        let answer = post(&lab, " ".repeat(length).into()).await;
        assert_eq!(answer.status, status, "{length}");
    }
    lab.finish().await;
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_is_given_up() {
    // It takes one connection that nobody accepts, and no more.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let patience = Duration::from_secs(1);
    while let Ok(stream) = timeout(patience, TcpStream::connect(address)).await
    {
        waiting.push(stream.unwrap());
        assert!(waiting.len() < 100, "it takes any number");
    }
    let url = format!("http://{address}");
    let lab = Lab::start(&[BRIEF, ("PRODUCT_URL", &url)]).await;
    let answer = lab.get("/web/home").await;
    assert_eq!(answer.json()["degraded"], json!(["recommendations"]));
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
