//! The span lasts as long as the response does.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http_body::Frame;
use otlp_console::model::{Number, Status};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::Interval,
};

use super::Service;
use crate::support::{PATIENCE, attribute, finish, log};

/// Sends a byte every few milliseconds, then fails or ends or panics.
struct Ticks {
    interval: Interval,
    left: u32,
    last: fn() -> Option<Result<Frame<Bytes>, &'static str>>,
}

impl http_body::Body for Ticks {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        std::task::ready!(self.interval.poll_tick(cx));
        tracing::info!("tick");
        let Some(left) = self.left.checked_sub(1) else {
            return Poll::Ready((self.last)());
        };
        self.left = left;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b".")))))
    }
}

fn ticks(
    left: u32,
    last: fn() -> Option<Result<Frame<Bytes>, &'static str>>,
) -> Response {
    let interval = tokio::time::interval(Duration::from_millis(10));
    Body::new(Ticks {
        interval,
        left,
        last,
    })
    .into_response()
}

fn streams() -> Router {
    Router::new()
        .route("/ends", get(async || ticks(10, || None)))
        .route("/fails", get(async || ticks(1, || Some(Err("broken")))))
        .route("/panics", get(async || ticks(1, || panic!("on purpose"))))
        .route("/endless", get(async || ticks(u32::MAX, || None)))
        .route(
            "/sized",
            get(async || ([("content-length", "3")], ticks(3, || None))),
        )
        .route(
            "/waits",
            get(std::future::pending::<Result<(), Infallible>>),
        )
}

#[tokio::test]
async fn the_span_lasts_as_long_as_the_body() {
    for (path, error) in [
        ("/ends", ""),
        ("/sized", ""),
        ("/fails", "response_body"),
        ("/panics", "panic"),
    ] {
        let service = Service::start(streams()).await;
        service.send("GET", path).await;
        let (spans, _) = service.finish().await;
        assert_eq!(attribute(&spans[0], "error.type"), error, "{path}");
        assert_eq!(attribute(&spans[0], "http.response.status_code"), "200");
        if path == "/ends" {
            assert!(spans[0].duration_nano() >= 90_000_000, "{:?}", spans[0]);
        }
    }
}

#[tokio::test]
async fn logs_of_the_body_belong_to_the_request() {
    let service = Service::start(streams()).await;
    service.send("GET", "/sized").await;
    finish(&service.telemetry).await;
    let spans = service.receiver.spans();
    let tick = service.receiver.logs();
    assert_eq!(log(&tick, "tick").span_id, Some(spans[0].span_id));
}

#[tokio::test]
async fn a_client_that_goes_away() {
    for (path, status) in [("/endless", "200"), ("/waits", "")] {
        let service = Service::start(streams()).await;
        let authority = service.address.strip_prefix("http://").unwrap();
        let mut client =
            tokio::net::TcpStream::connect(authority).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        match status {
            "" => tokio::time::sleep(Duration::from_millis(50)).await,
            _ => drop(client.read_u8().await.unwrap()),
        }
        drop(client);
        service.receiver.wait_for_spans(1, PATIENCE).await.unwrap();

        let (spans, metrics) = service.finish().await;
        assert_eq!(attribute(&spans[0], "error.type"), "cancelled", "{path}");
        assert_eq!(spans[0].status, Status::Error(String::new()));
        let code = attribute(&spans[0], "http.response.status_code");
        assert_eq!(code, status, "{path}");
        let active = metrics.iter().find(|m| m.name.contains("active"));
        assert_eq!(active.unwrap().points[0].value, Number::Int(0));
    }
}
