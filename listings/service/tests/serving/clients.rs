//! What each unfriendly client gets.

use std::future::pending;

use axum::{Router, body::Body, http::Uri, routing::get};
use futures_util::stream;
use service::Connections;
use tokio::sync::mpsc;

use crate::lab::{Dropped, SOON, Server, next, wide};

const HALF_A_HEAD: &str = "GET / HTTP/1.1\r\nhost: here\r\nx-more:";
const REQUEST: &str = "GET / HTTP/1.1\r\nhost: here\r\n\r\n";

fn greeting() -> Router {
    Router::new().route("/", get(async || "hello"))
}

// ANCHOR: half-heads
#[tokio::test]
async fn half_sent_heads_make_room_for_whole_ones() {
    let limits = Connections {
        most: 4.try_into().unwrap(),
        head: SOON,
        ..wide()
    };
    let server = Server::start(greeting(), limits).await;
    let mut held = Vec::new();
    for _ in 0..12 {
        held.push(server.client(HALF_A_HEAD).await);
    }
    let mut client = server.client(REQUEST).await;
    client.reads("hello").await;
    for client in held {
        assert_eq!(client.left_alone().await, "");
    }
}
// ANCHOR_END: half-heads

#[tokio::test]
async fn a_client_that_says_nothing_is_let_go() {
    let limits = Connections {
        head: SOON,
        ..wide()
    };
    let server = Server::start(greeting(), limits).await;
    let client = server.client("").await;
    assert_eq!(client.left_alone().await, "");
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let limits = Connections {
        head: SOON,
        ..wide()
    };
    let server = Server::start(greeting(), limits).await;
    let mut client = server.client(REQUEST).await;
    client.reads("hello").await;
    assert_eq!(client.left_alone().await, "");
}

#[tokio::test]
async fn who_comes_too_many_waits_for_room() {
    let (tell, mut happens) = mpsc::unbounded_channel();
    let answer = async move |uri: Uri| {
        let first = uri.path() == "/first";
        tell.send(if first { "first" } else { "second" }).unwrap();
        "done"
    };
    let routes = Router::new().fallback(answer);
    let limits = Connections {
        most: 1.try_into().unwrap(),
        ..wide()
    };
    let server = Server::start(routes, limits).await;
    let request = |name| format!("GET /{name} HTTP/1.1\r\nhost: here\r\n\r\n");
    let mut first = server.client(&request("first")).await;
    first.reads("done").await;
    let mut second = server.client(&request("second")).await;
    for _ in 0..200 {
        first.say(&request("first")).await;
        first.reads("done").await;
    }
    drop(first);
    second.reads("done").await;
    for _ in 0..=200 {
        assert_eq!(next(&mut happens).await, "first");
    }
    assert_eq!(next(&mut happens).await, "second");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go() {
    let (tell, mut happens) = mpsc::unbounded_channel();
    let answer = async move || {
        let guard = Dropped(tell.clone());
        let chunk = move |guard| async {
            let chunk = Ok::<_, std::io::Error>(vec![0_u8; 64 * 1024]);
            Some((chunk, guard))
        };
        Body::from_stream(stream::unfold(guard, chunk))
    };
    let limits = Connections {
        write: SOON,
        ..wide()
    };
    let routes = Router::new().route("/", get(answer));
    let server = Server::start(routes, limits).await;
    let client = server.client(REQUEST).await;
    assert_eq!(next(&mut happens).await, "dropped");
    let got = client.left_alone().await;
    assert!(got.starts_with("HTTP/1.1 200"), "{}", got.len());
}

#[tokio::test]
async fn the_work_for_a_client_that_has_gone_is_dropped() {
    let (tell, mut happens) = mpsc::unbounded_channel();
    let answer = async move || {
        let _guard = Dropped(tell.clone());
        tell.send("begun").unwrap();
        pending::<()>().await;
    };
    let routes = Router::new().route("/", get(answer));
    let server = Server::start(routes, wide()).await;
    let client = server.client(REQUEST).await;
    assert_eq!(next(&mut happens).await, "begun");
    drop(client);
    assert_eq!(next(&mut happens).await, "dropped");
}

#[tokio::test]
async fn a_head_is_not_endless() {
    let server = Server::start(greeting(), wide()).await;
    let long = "x".repeat(100_000);
    let head = format!("GET / HTTP/1.1\r\nhost: here\r\nx-long: {long}");
    let mut client = server.client(&head).await;
    let answer = client.reads("\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}
