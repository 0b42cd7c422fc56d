//! Answers that take a while: events, WebSockets, files. And those without a
//! body, whatever the handler has made.

use std::{
    io::{self, Cursor},
    time::Duration,
};

use otlp_console::{
    Golden, golden,
    model::{Span, Status, Value},
};
use reqwest::Method;
use rocket::{
    Build, Request, Response, Rocket, Shutdown,
    fs::NamedFile,
    futures::{SinkExt, StreamExt},
    get,
    http::{ContentType, Status as Code},
    response::{
        self, Responder,
        stream::{Event, EventStream},
    },
    routes,
    tokio::io::AsyncReadExt,
};
use rocket_crud::otel::{OtelFairing, TraceCtx};
use rocket_ws::{Channel, Message, WebSocket};
use tokio::{select, time::interval};
use tracing::Instrument;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::lab::{Lab, servers};

// ANCHOR: events
/// One event after another, until the client leaves or the service stops.
#[get("/ticks")]
fn ticks(mut stop: Shutdown) -> EventStream![] {
    EventStream! {
        let mut clock = interval(Duration::from_millis(10));
        loop {
            select! {
                _ = clock.tick() => {}
                _ = &mut stop => break,
            }
            yield Event::data("tick");
        }
    }
}
// ANCHOR_END: events

/// As above, but it ends for the client alone.
#[get("/endless")]
fn endless() -> EventStream![] {
    EventStream! {
        let mut clock = interval(Duration::from_millis(10));
        loop {
            clock.tick().await;
            yield Event::data("tick");
        }
    }
}

// ANCHOR: websocket
/// Sends each message back, in a trace of its own.
#[get("/echo")]
fn echo(socket: WebSocket, trace: TraceCtx) -> Channel<'static> {
    let connection = trace.span_context();
    socket.channel(move |mut messages| {
        Box::pin(async move {
            while let Some(message) = messages.next().await {
                let message = message?;
                let span = tracing::info_span!(parent: None, "echo message");
                span.add_link(connection.clone());
                messages.send(message).instrument(span).await?;
            }
            Ok(())
        })
    })
}
// ANCHOR_END: websocket

#[get("/file/<size>")]
async fn file(size: u64) -> io::Result<NamedFile> {
    let file = tempfile::NamedTempFile::new()?;
    file.as_file().set_len(size)?;
    // The open file can be read after its name is gone.
    NamedFile::open(file.path()).await
}

/// Has more bytes, or fewer, than it says.
struct Says(usize, usize);

impl<'r> Responder<'r, 'static> for Says {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let Self(said, sent) = self;
        let body = Cursor::new(vec![b'x'; sent]);
        Response::build().sized_body(said, body).ok()
    }
}

#[get("/says/<said>/<sent>")]
fn says(said: usize, sent: usize) -> Says {
    Says(said, sent)
}

/// A streamed body, and a status to go with it.
struct Streamed(Code);

impl<'r> Responder<'r, 'static> for Streamed {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        Response::build()
            .status(self.0)
            .header(ContentType::Plain)
            .streamed_body(Cursor::new("body").chain(Cursor::new("body")))
            .ok()
    }
}

#[get("/streamed/<code>")]
fn streamed(code: u16) -> Streamed {
    Streamed(Code::new(code))
}

fn all(rocket: Rocket<Build>, otel: OtelFairing) -> Rocket<Build> {
    let routes = routes![ticks, endless, echo, file, says, streamed];
    rocket.attach(otel).mount("/", routes)
}

fn status(span: &Span) -> &Value {
    &span.attributes["http.response.status_code"]
}

fn error(span: &Span) -> Option<&Value> {
    let error = span.attributes.get("error.type");
    assert_eq!(error.is_some(), matches!(span.status, Status::Error { .. }));
    error
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_of_events_is_no_error() {
    let lab = Lab::bare(all).await;
    let mut events = lab.get("/endless").await;
    assert!(events.chunk().await.unwrap().is_some());
    drop(events);
    let receiver = lab.stop().await;
    let span = &servers(&receiver)[0];
    assert_eq!((status(span), error(span)), (&Value::Int(200), None));
}

#[tokio::test]
async fn a_stream_of_events_ends_with_the_service() {
    let lab = Lab::bare(all).await;
    let mut events = lab.get("/ticks").await;
    let first = events.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b":"), "{first:?}");
    let receiver = lab.stop().await;
    while events.chunk().await.unwrap().is_some() {}
    let traces = receiver.traces();
    assert_eq!(traces.len(), 1);
    let rendered = Golden::default().render(&traces[0]);
    golden::assert_matches("traces/events.txt", &rendered);
}

#[tokio::test]
async fn a_websocket_is_one_span_and_each_message_another() {
    let lab = Lab::bare(all).await;
    let url = format!("{}/echo", lab.url.replace("http", "ws"));
    let (mut socket, answer) =
        tokio_tungstenite::connect_async(&url).await.unwrap();
    assert_eq!(answer.status(), 101);
    for text in ["one", "two"] {
        socket.send(Message::text(text)).await.unwrap();
        let echo = socket.next().await.unwrap().unwrap();
        assert_eq!(echo, Message::text(text));
    }
    // It is cut, as when a phone loses its network.
    drop(socket);
    // Without the header there is no upgrade.
    assert_eq!(lab.get("/echo").await.status(), 400);
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 2);
    let [connection, refused] = &spans[..] else {
        panic!("{spans:?}");
    };
    assert_eq!(connection.name, "GET /echo");
    assert_eq!(status(connection), &Value::Int(101));
    assert_eq!(error(connection), None);
    assert_eq!(status(refused), &Value::Int(400));
    let mut messages = receiver.spans();
    messages.retain(|span| span.name == "echo message");
    assert_eq!(messages.len(), 2);
    for message in messages {
        assert_ne!(message.trace_id, connection.trace_id);
        assert_eq!(message.links.len(), 1);
        assert_eq!(message.links[0].span_id, connection.span_id);
        assert!(message.end_unix_nano <= connection.end_unix_nano);
    }
    let mut traces = receiver.traces();
    traces.retain(|trace| !trace.root().is_some_and(|root| root == refused));
    let rendered = Golden::default().render_all(&traces);
    golden::assert_matches("traces/websocket.txt", &rendered);
}

#[tokio::test]
async fn a_body_that_nobody_is_sent_is_not_cancelled() {
    let lab = Lab::bare(all).await;
    for (method, code) in [
        (Method::GET, 200),
        (Method::GET, 204),
        (Method::GET, 304),
        (Method::HEAD, 200),
    ] {
        let path = format!("/streamed/{code}");
        let answer = lab.request(method.clone(), &path).send().await.unwrap();
        assert_eq!(answer.status(), code);
        let has_body = method == Method::GET && code == 200;
        let body = answer.text().await.unwrap();
        assert_eq!(body, if has_body { "bodybody" } else { "" });
    }
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 4);
    for span in &spans {
        assert_eq!(error(span), None, "{span:?}");
    }
}

/// More than all buffers on the way hold.
const LARGE: u64 = 256 << 20;

#[tokio::test]
async fn a_client_that_leaves_a_file_is_told_of() {
    let lab = Lab::bare(all).await;
    let mut large = lab.get(&format!("/file/{LARGE}")).await;
    assert_eq!(large.content_length(), Some(LARGE));
    assert!(large.chunk().await.unwrap().is_some());
    drop(large);
    for size in [0, 1, 4096, 4097, 1 << 20] {
        let whole = lab.get(&format!("/file/{size}")).await;
        assert_eq!(whole.bytes().await.unwrap().len(), size);
    }
    let head = lab.request(Method::HEAD, &format!("/file/{LARGE}"));
    let head = head.send().await.unwrap();
    assert_eq!(head.headers()["content-length"], LARGE.to_string());
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 7);
    let left = Value::Str("cancelled".to_owned());
    assert_eq!(error(&spans[0]), Some(&left));
    assert_eq!(status(&spans[0]), &Value::Int(200));
    for span in &spans[1..] {
        assert_eq!(error(span), None, "{span:?}");
    }
}

#[tokio::test]
async fn a_body_of_another_size_than_it_says() {
    let lab = Lab::bare(all).await;
    // A file that grows while it is sent: what was announced has arrived.
    let grown = lab.get("/says/10000/20000").await;
    assert_eq!(grown.bytes().await.unwrap().len(), 10_000);
    // One that is cut: the client misses what was announced.
    let cut = lab.get("/says/20000/10000").await;
    assert!(cut.bytes().await.is_err());
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 2);
    assert_eq!(error(&spans[0]), None);
    let failed = Value::Str("response_body".to_owned());
    assert_eq!(error(&spans[1]), Some(&failed));
}

#[tokio::test]
async fn a_websocket_that_is_open_when_the_service_stops_has_its_span() {
    let lab = Lab::bare(all).await;
    let url = format!("{}/echo", lab.url.replace("http", "ws"));
    let (mut socket, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    socket.send(Message::text("one")).await.unwrap();
    assert!(socket.next().await.unwrap().is_ok());
    let receiver = lab.stop().await;
    assert!(!matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 1);
    assert_eq!(
        (status(&spans[0]), error(&spans[0])),
        (&Value::Int(101), None)
    );
}
