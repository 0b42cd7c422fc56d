//! Other fairings, and whatever routes, catchers and ranks they come with.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering},
};

use otlp_console::{
    Receiver,
    model::{Span, Value},
};
use rocket::{
    Build, Data, Request, Rocket, Route, async_trait, catch, catchers,
    fairing::AdHoc,
    get,
    http::{Method, Status},
    request::{self, FromRequest},
    route::{Handler, Outcome},
    routes,
};
use rocket_crud::otel::{OtelFairing, TraceCtx};

use crate::lab::{Lab, servers};

#[get("/deep", rank = 2)]
fn deep() -> Status {
    tracing::info_span!("deep").in_scope(|| ());
    Status::Ok
}

/// How often the guard that forwards has run.
static STEPS: AtomicUsize = AtomicUsize::new(0);

struct Step;

#[async_trait]
impl<'r> FromRequest<'r> for Step {
    type Error = Infallible;

    async fn from_request(
        _: &'r Request<'_>,
    ) -> request::Outcome<Self, Infallible> {
        STEPS.fetch_add(1, Ordering::Relaxed);
        request::Outcome::Forward(Status::NotFound)
    }
}

#[get("/deep", rank = 1)]
fn step(_step: Step) {}

#[catch(404)]
fn nothing_here() -> &'static str {
    "nothing here"
}

#[catch(default)]
fn anything(status: Status, _: &Request<'_>) -> String {
    tracing::info_span!("caught").in_scope(|| ());
    format!("caught {}", status.code)
}

/// A fairing that brings a fairing along, which adds what `adds` does.
fn nested(adds: fn(Rocket<Build>) -> Rocket<Build>) -> AdHoc {
    AdHoc::on_ignite("outer", move |rocket| async move {
        rocket.attach(AdHoc::on_ignite("inner", move |rocket| async move {
            adds(rocket)
        }))
    })
}

fn has_child(receiver: &Receiver, server: &Span, name: &str) -> bool {
    let parent = Some(server.span_id);
    let spans = receiver.spans();
    spans
        .iter()
        .any(|s| s.name == name && s.parent_span_id == parent)
}

#[tokio::test]
async fn a_route_of_a_fairing_of_a_fairing_is_traced_too() {
    let lab = Lab::bare(|rocket, otel| {
        let adds = |rocket: Rocket<Build>| rocket.mount("/", routes![deep]);
        rocket.attach(otel).attach(nested(adds))
    })
    .await;
    assert_eq!(lab.get("/deep").await.status(), 200);
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].name, "GET /deep");
    assert!(has_child(&receiver, &spans[0], "deep"));
    assert_eq!(receiver.logs().len(), 0, "{:?}", receiver.logs());
}

/// Nothing tells a fairing that others are still to come, if they do not add
/// anything for so long.
fn three_deep(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.attach(nested(|rocket| {
        rocket.attach(nested(|rocket| {
            let rocket = rocket.mount("/", routes![deep]);
            rocket.register("/", catchers![anything])
        }))
    }))
}

#[tokio::test]
async fn what_comes_too_late_answers_all_the_same() {
    let lab = Lab::bare(|rocket, otel| {
        three_deep(rocket.attach(otel).mount("/", routes![step]))
    })
    .await;
    assert_eq!(lab.get("/deep").await.status(), 200);
    assert_eq!(
        lab.get("/nowhere").await.text().await.unwrap(),
        "caught 404"
    );
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 2);
    for (span, status) in spans.iter().zip([200, 404]) {
        let own = &span.attributes["http.response.status_code"];
        assert_eq!(own, &Value::Int(status));
    }
    // The price, and the warning of it.
    assert_eq!(STEPS.load(Ordering::Relaxed), 2);
    let warned = receiver.logs().remove(0);
    assert_eq!(warned.attributes["late"], Value::Int(2));
}

#[tokio::test]
async fn a_catcher_of_a_fairing_of_a_fairing_catches() {
    let lab = Lab::bare(|rocket, otel| {
        let adds = |rocket: Rocket<Build>| {
            rocket.register("/", catchers![nothing_here, anything])
        };
        rocket.attach(otel).attach(nested(adds))
    })
    .await;
    let nowhere = lab.get("/nowhere").await;
    assert_eq!(nowhere.text().await.unwrap(), "nothing here");
    let brew = reqwest::Method::from_bytes(b"BREW").unwrap();
    let malformed = lab.request(brew, "/nowhere").send().await.unwrap();
    assert_eq!(malformed.text().await.unwrap(), "caught 400");
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), 2);
    assert!(has_child(&receiver, &spans[1], "caught"));
}

#[tokio::test]
async fn the_status_is_that_after_the_last_fairing() {
    let lab = Lab::bare(|rocket, otel| {
        let adds = |rocket: Rocket<Build>| {
            rocket.attach(AdHoc::on_response("teapot", |_, response| {
                Box::pin(async { response.set_status(Status::ImATeapot) })
            }))
        };
        let rocket = rocket.mount("/", routes![deep]);
        rocket.attach(otel).attach(nested(adds))
    })
    .await;
    assert_eq!(lab.get("/deep").await.status(), 418);
    let receiver = lab.stop().await;
    let status = &servers(&receiver)[0].attributes["http.response.status_code"];
    assert_eq!(status, &Value::Int(418));
}

/// Says its rank, or passes the request on.
#[derive(Clone)]
struct Ranked(&'static str);

#[async_trait]
impl Handler for Ranked {
    async fn handle<'r>(
        &self,
        request: &'r Request<'_>,
        data: Data<'r>,
    ) -> Outcome<'r> {
        tracing::info_span!("ranked").in_scope(|| ());
        match request.uri().query() {
            Some(query) if query == self.0 => Outcome::from(request, self.0),
            _ => Outcome::Forward((data, Status::NotFound)),
        }
    }
}

fn ranked(rank: isize, name: &'static str) -> Route {
    Route::ranked(rank, Method::Get, "/ranked", Ranked(name))
}

/// All answer; those that there is room for in the context.
async fn answers(
    attach: fn(Rocket<Build>, OtelFairing) -> Rocket<Build>,
    names: &[(&str, bool)],
) {
    let lab = Lab::bare(attach).await;
    for (name, _) in names {
        let answer = lab.get(&format!("/ranked?{name}")).await;
        assert_eq!(answer.text().await.unwrap(), *name);
    }
    assert_eq!(lab.get("/ranked?none").await.status(), 404);
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    assert_eq!(spans.len(), names.len() + 1);
    for (span, (name, has_room)) in spans.iter().zip(names) {
        let route = span.attributes.get("http.route");
        assert_eq!(route.is_some(), *has_room, "{name}");
        assert_eq!(has_child(&receiver, span, "ranked"), *has_room, "{name}");
    }
}

#[tokio::test]
async fn a_route_of_any_rank_is_answered() {
    let highest = |rocket: Rocket<Build>, otel: OtelFairing| {
        let all = [ranked(0, "zero"), ranked(isize::MAX, "highest")];
        rocket.attach(otel).mount("/", all)
    };
    answers(highest, &[("zero", true), ("highest", true)]).await;
    let all = |rocket: Rocket<Build>, otel: OtelFairing| {
        let all = [
            ranked(isize::MIN, "lowest"),
            ranked(isize::MIN + 1, "low"),
            ranked(0, "zero"),
            ranked(isize::MAX, "highest"),
        ];
        rocket.attach(otel).mount("/", all)
    };
    let (low, high) = (false, true);
    let names = [("lowest", low), ("low", low), ("zero", high)];
    answers(all, &names).await;
    let full = |rocket: Rocket<Build>, otel: OtelFairing| {
        let lowest = [ranked(isize::MIN, "lowest")];
        rocket.attach(otel).mount("/", lowest)
    };
    answers(full, &[("lowest", false)]).await;
}

#[get("/status/<code>")]
fn status(code: u16) -> Status {
    Status::new(code)
}

#[tokio::test]
async fn a_status_without_a_name_is_caught_in_the_context() {
    let lab = Lab::bare(|rocket, otel| {
        let rocket = rocket.register("/", catchers![anything]);
        rocket.attach(otel).mount("/", routes![status])
    })
    .await;
    for code in [418, 499, 599] {
        let answer = lab.get(&format!("/status/{code}")).await;
        assert_eq!(answer.status(), code);
        assert_eq!(answer.text().await.unwrap(), format!("caught {code}"));
    }
    let receiver = lab.stop().await;
    for span in servers(&receiver) {
        assert!(has_child(&receiver, &span, "caught"), "{span:?}");
    }
}

#[tokio::test]
async fn a_fairing_that_asks_early_for_the_context_changes_nothing() {
    let lab = Lab::bare(|rocket, otel| {
        let early = AdHoc::on_request("early", |request, _| {
            Box::pin(async {
                let span = TraceCtx::of(request).span_context();
                assert!(!span.is_valid());
            })
        });
        rocket.attach(early).attach(otel).mount("/", routes![deep])
    })
    .await;
    assert_eq!(lab.get("/deep").await.status(), 200);
    let receiver = lab.stop().await;
    let span = &servers(&receiver)[0];
    assert_eq!(span.name, "GET /deep");
    let method = &span.attributes["http.request.method"];
    assert_eq!(method, &Value::Str("GET".to_owned()));
}

#[catch(400)]
fn bad(request: &Request<'_>) -> String {
    TraceCtx::of(request).trace_id().to_string()
}

#[tokio::test]
async fn a_catcher_that_asks_for_a_context_that_is_not_there_begins_none() {
    let lab = Lab::bare(|rocket, otel| {
        rocket.attach(otel).register("/", catchers![bad])
    })
    .await;
    let brew = reqwest::Method::from_bytes(b"BREW").unwrap();
    let malformed = lab.request(brew, "/").send().await.unwrap();
    assert_eq!(malformed.text().await.unwrap(), "0".repeat(32));
    let receiver = lab.stop().await;
    let metrics = receiver.metrics();
    let mut names = metrics.iter().map(|metric| metric.name.as_str());
    assert!(!names.any(|name| name == "http.server.request.duration"));
}
