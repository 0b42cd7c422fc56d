//! `If-Match`: the client decides on what it has seen, or not at all.

use serde_json::json;
use uuid::Uuid;

use crate::{
    api::{deposits, euros},
    process::Service,
};

#[tokio::test]
async fn a_condition_is_one_of_its_tags() {
    let service = Service::new().await;
    let api = &service.api;
    // What is sent, and what is answered while the account is at version 2.
    let cases: [(&[&str], u16); 19] = [
        (&["\"2\""], 201),
        (&["*"], 201),
        (&[" * "], 201),
        (&["\"1\", \"2\""], 201),
        (&["\"1\"", "\"2\""], 201),
        (&[", \"2\" ,,"], 201),
        (&["W/\"1\",\"a,b\",\"2\""], 201),
        (&["\"1\""], 412),
        (&["\"1\",\"3\""], 412),
        (&["W/\"2\""], 412),
        (&["\"02\""], 412),
        (&["\"two\""], 412),
        (&["\"\""], 412),
        (&["2"], 400),
        (&[""], 400),
        (&[","], 400),
        (&["\"2"], 400),
        (&["\"2\" \"3\""], 400),
        (&["w/\"2\""], 400),
    ];
    for (tags, status) in cases {
        let id = api.account(1).await;
        let mut ask = api.post(&deposits(id), &euros(1));
        for tag in tags {
            ask = ask.header("If-Match", tag);
        }
        let answer = ask.send().await;
        assert_eq!(answer.status, status, "{tags:?}: {answer:?}");
        let expected = if status == 201 { (3, 2) } else { (2, 1) };
        assert_eq!(api.state(id).await, expected, "{tags:?}");
    }
}

#[tokio::test]
async fn a_failed_condition_tells_both_versions() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(1).await;
    let ask = api.post(&deposits(id), &euros(1)).if_match(1);
    let answer = ask.send().await;
    assert_eq!((answer.status, answer.version()), (412, 2));
    let problem = answer.json();
    assert_eq!(problem["expected_version"], 1);
    assert_eq!(problem["actual_version"], 2);
    // Before the rules of the bank: what they say is about another account.
    let withdraw = format!("/accounts/{id}/withdrawals");
    let ask = api.post(&withdraw, &euros(1_000)).if_match(1);
    assert_eq!(ask.send().await.status, 412);
    // After the question whether there is such an account at all.
    let nobody = api.post(&deposits(Uuid::now_v7()), &euros(1)).if_match(1);
    assert_eq!(nobody.send().await.status, 404);
}

#[tokio::test]
async fn a_problem_names_the_trace_of_the_caller() {
    let service = Service::new().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let ask = service.api.ask("GET", "/nothing");
    let answer = ask.header("traceparent", &parent).send().await;
    assert_eq!(answer.json()["trace_id"], json!(trace));
}
