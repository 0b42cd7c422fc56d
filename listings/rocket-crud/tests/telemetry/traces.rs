//! The traces that the book shows are the traces that arrive.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use otlp_console::{Golden, Trace, golden};
use reqwest::Method;
use rocket::{get, routes};
use rocket_crud::users::InMemory;
use serde_json::json;

use crate::{
    lab::{ADMIN, Lab, traces_of, user},
    program::Program,
};

// ANCHOR: matches
/// Compares a trace with its file. Left out is what differs each time.
fn assert_matches(file: &str, trace: &Trace) {
    let rendered = Golden::default().render(trace);
    golden::assert_matches(format!("traces/{file}.txt"), &rendered);
}
// ANCHOR_END: matches

#[tokio::test]
async fn a_user_who_is_added_and_read() {
    let program = Program::start(&[]).await;
    let added = program.add("ada").await;
    assert_eq!(added.status(), 201);
    let path = added.headers()["location"].to_str().unwrap();
    assert_eq!(program.get(path).await.status(), 200);
    assert_eq!(program.get("/users/ada").await.status(), 200);
    assert_eq!(program.add("ada").await.status(), 409);
    let receiver = program.stop().await;
    let added = traces_of(&receiver, "POST /users");
    assert_matches("create", &added[0]);
    assert_matches("conflict", &added[1]);
    assert_matches("get", &traces_of(&receiver, "GET /users/<id>")[0]);
    let forwarded = &traces_of(&receiver, "GET /users/<handle>")[0];
    assert_matches("forward-chain", forwarded);
}

#[tokio::test]
async fn requests_that_are_refused() {
    let program = Program::start(&[]).await;
    let invalid = json!({ "handle": "A", "name": "", "email": "x" });
    let request = program.request(Method::POST, "/users").json(&invalid);
    assert_eq!(request.send().await.unwrap().status(), 422);
    assert_eq!(program.get("/exports/users.csv").await.status(), 403);
    assert_eq!(program.get("/nowhere").await.status(), 404);
    let receiver = program.stop().await;
    let trace = |root| traces_of(&receiver, root).remove(0);
    assert_matches("validation-failure", &trace("POST /users"));
    assert_matches("forbidden", &trace("GET /exports/users.csv"));
    assert_matches("not-found", &trace("GET"));
}

#[tokio::test]
async fn a_caller_who_asks_too_often() {
    let once = [("RATE_LIMIT_PER_SECOND", "1"), ("RATE_LIMIT_BURST", "1")];
    let program = Program::start(&once).await;
    // The first of many takes the only one there is. The next comes a second
    // later, which is time enough for a busy machine to refuse one of them.
    let asking = join_all((0..30).map(|_| program.get("/me"))).await;
    let statuses = asking.iter().map(|answer| answer.status().as_u16());
    let statuses: BTreeSet<_> = statuses.collect();
    assert_eq!(statuses, BTreeSet::from([200, 429]));
    let receiver = program.stop().await;
    let mut traces = traces_of(&receiver, "GET /me");
    traces.retain(|trace| !format!("{trace:?}").contains("Int(200)"));
    assert_matches("rate-limited", &traces[0]);
}

#[tokio::test]
async fn an_export_of_more_users_than_fit_into_memory_at_a_time() {
    let program = Program::start(&[
        ("RATE_LIMIT_PER_SECOND", "10000"),
        ("RATE_LIMIT_BURST", "10000"),
    ])
    .await;
    for number in 0..501 {
        let added = program.add(&format!("user-{number}")).await;
        assert_eq!(added.status(), 201);
    }
    let export = program.request(Method::GET, "/exports/users.csv");
    let export = export.header("authorization", ADMIN);
    let export = program_export(export).await;
    assert_eq!(export.lines().count(), 503);
    assert_eq!(export.lines().last(), Some("total,501,,,"));
    let receiver = program.stop().await;
    let trace = &traces_of(&receiver, "GET /exports/users.csv")[0];
    assert_matches("streamed-export", trace);
}

/// The header is there twice: ours has to be the only one.
async fn program_export(request: reqwest::RequestBuilder) -> String {
    let mut request = request.build().unwrap();
    request
        .headers_mut()
        .insert("authorization", ADMIN.parse().unwrap());
    let client = crate::lab::client();
    let response = client.execute(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

// ANCHOR: new-route
/// Written by somebody who has never heard of tracing.
#[get("/greetings/<name>")]
fn greet(name: &str) -> String {
    if name == "nobody" {
        panic!("on purpose");
    }
    let span = tracing::info_span!("choose words");
    let _entered = span.enter();
    tracing::info!(name: "words.chosen", "the words are chosen");
    format!("Hello, {name}!")
}

#[tokio::test]
async fn a_new_route_is_traced_without_a_word_about_tracing() {
    let users = InMemory::default();
    let lab = Lab::with(users, &[], |r| r.mount("/", routes![greet])).await;
    assert_eq!(lab.get("/greetings/ada").await.status(), 200);
    assert_eq!(lab.get("/greetings/nobody").await.status(), 500);
    let receiver = lab.stop().await;
    let traces = traces_of(&receiver, "GET /greetings/<name>");
    assert_matches("new-route", &traces[0]);
    assert_matches("panic", &traces[1]);
}
// ANCHOR_END: new-route

#[tokio::test]
async fn a_child_of_the_caller() {
    let lab = Lab::start().await;
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = lab.request(Method::POST, "/users").json(&user("ada"));
    let request = request.header("traceparent", parent);
    assert_eq!(request.send().await.unwrap().status(), 201);
    let receiver = lab.stop().await;
    let span = &receiver.spans()[0];
    assert_eq!(span.trace_id.0[..2], [0x0a, 0xf7]);
    assert_eq!(span.parent_span_id.unwrap().0[..2], [0xb7, 0xad]);
}
