//! What does not go through a handler: catchers, streams, malformed requests.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use otlp_console::model::{Status, Value};
use reqwest::{Method, Response};
use rocket::{
    Build, Request, Rocket, catch, catchers, get,
    http::ContentType,
    response::{self, Responder, stream::TextStream},
    routes,
    tokio::io::{AsyncRead, ReadBuf},
};
use rocket_crud::{
    otel::traced,
    users::{InMemory, Repository, RepositoryError, User, UserFields},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};
use uuid::Uuid;

use crate::lab::{ADMIN, Lab, servers};

/// Has a first page of users, and fails whatever else is asked.
#[derive(Default)]
pub(crate) struct Broken(InMemory);

#[rocket::async_trait]
impl Repository for Broken {
    async fn find(&self, id: Uuid) -> Result<User, RepositoryError> {
        self.0.find(id).await
    }

    async fn find_by_handle(
        &self,
        handle: &str,
    ) -> Result<User, RepositoryError> {
        self.0.find_by_handle(handle).await
    }

    async fn page(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<User>, RepositoryError> {
        // Only the export asks for so many.
        if after.is_some() || limit < 500 {
            return Err(sqlx::Error::PoolClosed.into());
        }
        let user = |number: u32| UserFields {
            handle: format!("user-{number}"),
            name: "a user".to_owned(),
            email: format!("user-{number}@example.com"),
        };
        Ok((0..limit).map(|number| User::new(user(number))).collect())
    }

    async fn insert(&self, user: &User) -> Result<(), RepositoryError> {
        self.0.insert(user).await
    }

    async fn update(
        &self,
        id: Uuid,
        expected: i64,
        fields: UserFields,
    ) -> Result<User, RepositoryError> {
        self.0.update(id, expected, fields).await
    }

    async fn delete(
        &self,
        id: Uuid,
        expected: i64,
    ) -> Result<(), RepositoryError> {
        self.0.delete(id, expected).await
    }

    async fn ping(&self) -> Result<(), RepositoryError> {
        Ok(())
    }
}

#[get("/panic")]
fn panic() -> &'static str {
    panic!("on purpose")
}

/// With a route that panics.
pub(crate) fn panicking(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.mount("/", routes![panic])
}

/// Begins an export, as the admin.
pub(crate) async fn asking_csv(lab: &Lab) -> Response {
    let url = format!("{}/exports/users.csv", lab.url);
    let request = crate::lab::client().get(url);
    let response = request.header("authorization", ADMIN).send().await;
    let response = response.unwrap();
    assert_eq!(response.status(), 200);
    response
}

#[tokio::test]
async fn an_export_that_fails_lacks_its_last_line_and_says_so() {
    let lab = Lab::with(Broken::default(), &[], |rocket| rocket).await;
    // Rocket ends the body as if it were complete.
    let file = asking_csv(&lab).await.text().await.unwrap();
    assert_eq!(file.lines().count(), 501);
    assert!(!file.lines().last().unwrap().starts_with("total,"));
    let receiver = lab.stop().await;
    let span = &servers(&receiver)[0];
    assert_eq!(
        span.attributes["http.response.status_code"],
        Value::Int(200)
    );
    let failed = Value::Str("response_body".to_owned());
    assert_eq!(span.attributes["error.type"], failed);
    let log = &receiver.logs()[0];
    assert_eq!(log.trace_id, Some(span.trace_id), "{log:?}");
}

#[get("/slow")]
fn slow() -> TextStream<impl rocket::futures::stream::Stream<Item = String>> {
    TextStream! {
        for _ in 0..3 {
            sleep(Duration::from_millis(100)).await;
            tracing::info!(name: "piece.made", "a piece is made");
            yield "piece".to_owned();
        }
    }
}

#[tokio::test]
async fn the_span_lasts_as_long_as_the_stream() {
    let users = InMemory::default();
    let lab = Lab::with(users, &[], |r| r.mount("/", routes![slow])).await;
    let answer = lab.get("/slow").await.text().await.unwrap();
    assert_eq!(answer, "piecepiecepiece");
    let receiver = lab.stop().await;
    let span = &servers(&receiver)[0];
    assert!(span.duration_nano() >= 300_000_000, "{span:?}");
    assert_eq!(span.status, Status::Unset);
    let pieces = receiver.logs();
    assert_eq!(pieces.len(), 3);
    for piece in pieces {
        assert_eq!(piece.span_id, Some(span.span_id));
    }
}

/// A body without an end.
struct Endless;

impl AsyncRead for Endless {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled = buffer.initialize_unfilled().len();
        buffer.advance(filled);
        Poll::Ready(Ok(()))
    }
}

impl<'r> Responder<'r, 'static> for Endless {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        response::Response::build()
            .header(ContentType::Binary)
            .streamed_body(self)
            .ok()
    }
}

#[get("/endless")]
fn endless() -> Endless {
    Endless
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_span() {
    let users = InMemory::default();
    let lab = Lab::with(users, &[], |r| r.mount("/", routes![endless])).await;
    let mut answer = lab.get("/endless").await;
    assert!(answer.chunk().await.unwrap().is_some());
    drop(answer);
    let receiver = lab.stop().await;
    let span = &servers(&receiver)[0];
    let left = Value::Str("cancelled".to_owned());
    assert_eq!(span.attributes["error.type"], left);
}

#[catch(404)]
fn nothing_here() -> &'static str {
    tracing::info!(name: "nothing.here", "nothing here");
    "nothing here"
}

#[tokio::test]
async fn a_catcher_runs_in_the_context() {
    for change in [
        |rocket: Rocket<Build>| {
            rocket.register("/", traced(catchers![nothing_here]))
        },
        |rocket: Rocket<Build>| rocket.register("/", catchers![nothing_here]),
    ] {
        let lab = Lab::with(InMemory::default(), &[], change).await;
        assert_eq!(lab.get("/nowhere").await.text().await.unwrap().len(), 12);
        let receiver = lab.stop().await;
        let (spans, logs) = (servers(&receiver), receiver.logs());
        let status = &spans[0].attributes["http.response.status_code"];
        assert_eq!((spans.len(), status), (1, &Value::Int(404)));
        // The one that is not wrapped has its span, and no context.
        let context = logs[0].span_id;
        assert!(context.is_none() || context == Some(spans[0].span_id));
    }
}

#[catch(400)]
fn bad() -> &'static str {
    "bad"
}

#[tokio::test]
async fn a_malformed_request_has_its_span_if_the_catcher_is_traced() {
    for (change, spans) in [
        ((|r| r) as crate::lab::Change, 1),
        (|r| r.register("/", traced(catchers![bad])), 1),
        // Rocket shows such a request to nobody else. There is a warning.
        (|r| r.register("/", catchers![bad]), 0),
    ] {
        let lab = Lab::with(InMemory::default(), &[], change).await;
        let brew = Method::from_bytes(b"BREW").unwrap();
        let answer = lab.request(brew, "/users").send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let receiver = lab.stop().await;
        let servers = servers(&receiver);
        assert_eq!(servers.len(), spans);
        for span in servers {
            assert_eq!(span.name, "HTTP");
            let method = Value::Str("_OTHER".to_owned());
            assert_eq!(span.attributes["http.request.method"], method);
        }
        let warned = receiver.logs().len();
        assert_eq!(warned, 1 - spans, "{:?}", receiver.logs());
    }
}

#[tokio::test]
async fn what_is_no_http_is_answered_by_nobody_and_harms_nobody() {
    let lab = Lab::start().await;
    let address = lab.url.trim_start_matches("http://").to_owned();
    for garbage in ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(garbage.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.contains(" 400 "), "{answer}");
    }
    assert_eq!(lab.get("/me").await.status(), 200);
    let receiver = lab.stop().await;
    assert_eq!(servers(&receiver).len(), 1);
}
