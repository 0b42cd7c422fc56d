//! What becomes of connections when the server stops.

use std::{future::pending, sync::Arc};

use axum::{Router, routing::get};
use service::Connections;
use tokio::sync::{Notify, mpsc};

use crate::lab::{Dropped, SOON, Server, ended, next, wide};

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: here\r\n\r\n";

#[tokio::test]
async fn a_running_request_finishes_and_an_idle_connection_holds_nobody_up() {
    let (tell, mut happens) = mpsc::unbounded_channel();
    let go_on = Arc::new(Notify::new());
    let waiting = Arc::clone(&go_on);
    let slow = async move || {
        tell.send("begun").unwrap();
        waiting.notified().await;
        "hello"
    };
    let routes = Router::new()
        .route("/", get(slow))
        .route("/quick", get(async || "quick"));
    let server = Server::start(routes, wide()).await;
    let quick = "GET /quick HTTP/1.1\r\nhost: here\r\n\r\n";
    let mut idle = server.client(quick).await;
    idle.reads("quick").await;
    let silent = server.client("").await;
    let mut running = server.client(REQUEST).await;
    assert_eq!(next(&mut happens).await, "begun");

    let serving = server.stop();
    assert_eq!(idle.left_alone().await, "");
    assert_eq!(silent.left_alone().await, "");
    go_on.notify_one();
    running.reads("hello").await;
    assert_eq!(running.left_alone().await, "");
    ended(serving).await;
}

#[tokio::test]
async fn what_does_not_finish_is_cut_off_before_the_server_ends() {
    let (tell, mut happens) = mpsc::unbounded_channel();
    let hang = async move || {
        let _guard = Dropped(tell.clone());
        tell.send("begun").unwrap();
        pending::<()>().await;
    };
    let limits = Connections {
        drain: SOON,
        ..wide()
    };
    let routes = Router::new().route("/", get(hang));
    let server = Server::start(routes, limits).await;
    let client = server.client(REQUEST).await;
    assert_eq!(next(&mut happens).await, "begun");
    ended(server.stop()).await;
    // It has happened by now, so that the last telemetry tells of it.
    assert_eq!(happens.try_recv(), Ok("dropped"));
    assert_eq!(client.left_alone().await, "");
}
