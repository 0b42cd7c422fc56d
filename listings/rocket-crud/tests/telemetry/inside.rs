//! Guards, data guards and handlers run in the context of the request.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering},
};

use otlp_console::model::Value;
use reqwest::Method;
use rocket::{
    Build, Data, Request, Rocket, async_trait,
    data::{self, FromData},
    fairing::AdHoc,
    get, head,
    http::Status,
    post,
    request::{FromRequest, Outcome},
    routes,
};
use rocket_crud::{otel::TraceCtx, users::InMemory};

use crate::lab::{Lab, servers};

/// How often the guard has run.
static GUARDED: AtomicUsize = AtomicUsize::new(0);

struct Watchful;

// ANCHOR: guard
#[async_trait]
impl<'r> FromRequest<'r> for Watchful {
    type Error = Infallible;

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, Infallible> {
        GUARDED.fetch_add(1, Ordering::Relaxed);
        tracing::info_span!("guard").in_scope(|| ());
        tokio::task::yield_now().await;
        Outcome::Success(Self)
    }
}
// ANCHOR_END: guard

#[async_trait]
impl<'r> FromData<'r> for Watchful {
    type Error = Infallible;

    async fn from_data(
        _: &'r Request<'_>,
        _: Data<'r>,
    ) -> data::Outcome<'r, Self> {
        tracing::info_span!("data guard").in_scope(|| ());
        data::Outcome::Success(Self)
    }
}

#[post("/watched", data = "<_body>")]
async fn watched(_guard: Watchful, _body: Watchful, trace: TraceCtx) -> String {
    tracing::info_span!("handler").in_scope(|| ());
    trace.note(opentelemetry::KeyValue::new("rocket_crud.noted", true));
    trace.trace_id().to_string()
}

/// Forwards, after its guard has run.
#[get("/steps/<_>", rank = 1)]
fn step(_guard: Watchful) -> Option<&'static str> {
    None
}

#[get("/number/<_number>", rank = 1)]
fn number(_guard: Watchful, _number: u32) {}

#[get("/number/<_text>", rank = 2)]
fn text(_guard: Watchful, _text: bool) {}

#[head("/number/<_number>")]
fn head_number(_guard: Watchful, _number: u32) {}

fn all(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.mount("/", routes![watched, step, number, text, head_number])
}

#[tokio::test]
async fn guards_and_handlers_make_children() {
    let lab = Lab::with(InMemory::default(), &[], all).await;
    let answer = lab.request(Method::POST, "/watched").send().await.unwrap();
    let trace_id = answer.text().await.unwrap();
    let receiver = lab.stop().await;
    let server = &servers(&receiver)[0];
    let id = u128::from_be_bytes(server.trace_id.0);
    assert_eq!(trace_id, format!("{id:032x}"));
    assert_eq!(server.attributes["rocket_crud.noted"], Value::Bool(true));
    for name in ["guard", "data guard", "handler"] {
        let spans = receiver.spans();
        let child = spans.iter().find(|span| span.name == name).unwrap();
        assert_eq!(child.parent_span_id, Some(server.span_id), "{name}");
        assert!(child.start_unix_nano >= server.start_unix_nano);
        assert!(child.end_unix_nano <= server.end_unix_nano);
    }
}

/// All in one test, since all count the same guard.
#[tokio::test]
async fn a_request_that_all_routes_forward_runs_each_guard_once() {
    let lab = Lab::with(InMemory::default(), &[], all).await;
    let count = || GUARDED.load(Ordering::Relaxed);
    let before = count();
    assert_eq!(lab.get("/number/maybe").await.status(), 422);
    assert_eq!(count() - before, 2, "one in each of two routes");
    // The documented exception: a route for HEAD that forwards runs twice.
    let before = count();
    let head = lab.request(Method::HEAD, "/number/maybe");
    assert_eq!(head.send().await.unwrap().status(), 422);
    assert_eq!(count() - before, 2 + 2);
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[0].name, "GET /number/<_text>");
    assert_eq!(spans[0].attributes["rocket.forwards"], Value::Int(2));
    assert_eq!(spans[1].name, "HEAD /number/<_text>");
}

#[get("/late")]
fn late() -> Status {
    tracing::info_span!("late").in_scope(|| ());
    Status::Ok
}

#[tokio::test]
async fn a_route_that_another_fairing_mounts_is_traced_too() {
    let lab = Lab::with(InMemory::default(), &[], |rocket| {
        rocket.attach(AdHoc::on_ignite("mounts", |rocket| async {
            rocket.mount("/", routes![late])
        }))
    })
    .await;
    assert_eq!(lab.get("/late").await.status(), 200);
    let receiver = lab.stop().await;
    let server = &servers(&receiver)[0];
    assert_eq!(server.name, "GET /late");
    assert!(receiver.spans().iter().any(|span| {
        span.name == "late" && span.parent_span_id == Some(server.span_id)
    }));
}

#[tokio::test]
async fn two_thousand_users_are_one_name() {
    let lab = Lab::start().await;
    for number in 0..2_000 {
        let id = uuid::Uuid::from_u128(number);
        let answer = lab.get(&format!("/users/{id}?secret={number}")).await;
        assert_eq!(answer.status(), 404);
    }
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 2_000);
    assert!(spans.iter().all(|span| span.name == "GET /users/<id>"));
    let metrics = receiver.metrics();
    let duration = metrics
        .iter()
        .find(|metric| metric.name == "http.server.request.duration")
        .unwrap();
    assert_eq!(duration.points.len(), 1);
}

#[tokio::test]
async fn a_hostile_trace_header_begins_a_new_trace() {
    let lab = Lab::start().await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let good = format!("00-{trace}-b7ad6b7169203331-01");
    let hostile = [
        format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
        format!("00-{trace}-{}-01", "0".repeat(16)),
        format!("ff-{trace}-b7ad6b7169203331-01"),
        format!("00-{}-b7ad6b7169203331-01", trace.to_uppercase()),
        format!("{good}-extra"),
        good.repeat(100),
        "nonsense".to_owned(),
        String::new(),
    ];
    for header in &hostile {
        let request = lab.request(Method::GET, "/me");
        let request = request.header("traceparent", header);
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    let twice = lab.request(Method::GET, "/me").header("traceparent", &good);
    let twice = twice.header("traceparent", &good).send().await.unwrap();
    assert_eq!(twice.status(), 200);
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), hostile.len() + 1);
    for span in spans {
        assert_eq!(span.parent_span_id, None, "{span:?}");
    }
}
