//! What a client sees of a failure, and what the operator sees.

use std::time::Duration;

use bff::{
    backends::{
        Role,
        faults::{Failure, Faults},
    },
    clients::Caller,
    deadline::Deadline,
    graphql::{Graph, Policy, Question, refusal::TIMED_OUT},
};
use otlp_console::model::Status;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ask, code, named, open, text};
use crate::lab::{Answer, Lab, failing, no_telemetry};

const BOTH: &str = "{ me { id } orders(first: 50) { id product { title } } }";

#[tokio::test]
async fn a_backend_that_is_down_costs_its_fields_and_no_others() {
    for failure in [Failure::Error, Failure::Garbage, Failure::Huge] {
        let lab = open().await;
        lab.trouble(Role::Product, failing(failure)).await;
        let answer = ask(&lab, BOTH).await;
        assert_eq!(answer["data"]["me"]["id"], "ada");
        let order = json!({ "id": "o-ada-11", "product": null });
        assert_eq!(answer["data"]["orders"][49], order);
        let errors = answer["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 50);
        for error in errors {
            assert_eq!(error["extensions"], json!({"code": "BACKEND_FAILED"}));
            assert_eq!(
                error["message"],
                "A service that this needs gave no usable answer."
            );
            assert_eq!(error["path"][2], "product");
        }
        assert_eq!(lab.requests(Role::Product).await, 1);
        let receiver = lab.finish().await;
        let spans = receiver.spans();
        let operation = named(&spans, "query")[0];
        assert_eq!(operation.status, Status::Error(String::new()));
        let kind = operation.attributes.get("error.type");
        assert_eq!(kind, text("BACKEND_FAILED"));
        let is_panic = |log: &&_| format!("{log:?}").contains("panicked");
        assert_eq!(receiver.logs().iter().filter(is_panic).count(), 0);
    }
}

#[tokio::test]
async fn a_backend_that_hangs_is_named_before_the_time_is_up() {
    let lab =
        Lab::start(&[("GRAPHQL_OPERATIONS", "open"), ("BUDGET_MS", "4000")])
            .await;
    lab.trouble(Role::Product, failing(Failure::Hang)).await;
    let answer = ask(&lab, BOTH).await;
    assert_eq!(answer["data"]["me"]["id"], "ada");
    assert_eq!(code(&answer), "BACKEND_TIMED_OUT");
    lab.finish().await;
}

#[tokio::test]
async fn an_operation_ends_with_its_time() {
    let lab = open().await;
    let clients = lab.clients(Duration::from_secs(20));
    let graph = Graph::new(&no_telemetry(), &clients, Policy::Open, 100);
    let document = r#"{ product(id: "p-1") { id } }"#;
    let accepted = || {
        let document = Some(document.to_owned());
        let question = Question {
            document,
            ..Question::default()
        };
        graph.accept(question).unwrap()
    };
    let in_time = graph.answer(accepted(), lab.caller()).await.unwrap();
    assert!(in_time.is_ok());
    let late = Caller {
        deadline: Deadline::after(Duration::ZERO),
        ..lab.caller()
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    let refused = graph.answer(accepted(), late).await.unwrap_err();
    assert_eq!(refused.refusal, &TIMED_OUT);
    // The batch runs in a task of its own, and has something to say, too.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(lab.requests(Role::Product).await, 1);
    lab.finish().await;
}

#[tokio::test]
async fn who_is_not_signed_in_sees_what_is_for_everybody() {
    let lab = open().await;
    let query = r#"{
        me { id } orders { id } order(id: "o-ada-1") { id }
        product(id: "p-1") { id }
    }"#;
    let body = json!({ "query": query }).to_string();
    for token in [None, Some("Bearer of bad news")] {
        let mut request = lab
            .anonymous(Method::POST, "/graphql")
            .header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let request = request.body(body.clone());
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 200);
        let answer = answer.json();
        assert_eq!(answer["data"]["product"]["id"], "p-1");
        let errors = answer["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 3, "{errors:?}");
        for error in errors {
            let code = &error["extensions"]["code"];
            assert_eq!(code, "UNAUTHENTICATED");
        }
    }
    let answer = lab.anonymous(Method::POST, "/graphql");
    let answer = answer.header("content-type", "application/json");
    let answer = answer.body(r#"{"query":"{ me { id } a: me { id } }"}"#);
    let answer = Answer::of(answer.send().await.unwrap()).await.json();
    assert_eq!(answer["data"], json!({ "me": null, "a": null }));
    // The client has to sign in. The operator has nothing to do.
    let spans = lab.finish().await.spans();
    for operation in named(&spans, "query") {
        assert_eq!(operation.status, Status::Unset);
        assert_eq!(operation.attributes.get("error.type"), None);
    }
}

#[tokio::test]
async fn a_person_sees_their_own_orders_and_changes_their_own_name() {
    let lab = open().await;
    let document = r#"mutation Rename {
        rename(displayName: "Countess") { displayName }
    }"#;
    let renamed = ask(&lab, document).await;
    assert_eq!(renamed["data"]["rename"]["displayName"], "Countess");
    let document = r#"{
        me { displayName }
        mine: order(id: "o-ada-7") { id total { minor currency } }
        theirs: order(id: "o-grace-7") { id }
        none: order(id: "") { id }
        orders(first: 0) { id }
    }"#;
    let answer = ask(&lab, document).await;
    assert_eq!(answer["errors"], Value::Null);
    let data = &answer["data"];
    assert_eq!(data["me"]["displayName"], "Countess");
    assert_eq!(data["mine"]["total"]["currency"], "EUR");
    assert_eq!(data["theirs"], Value::Null);
    assert_eq!(data["none"], Value::Null);
    assert_eq!(data["orders"], json!([]));
    let spans = lab.finish().await.spans();
    assert_eq!(named(&spans, "mutation").len(), 1);
    assert_eq!(named(&spans, "Mutation.rename").len(), 1);
}

#[tokio::test]
async fn a_slow_backend_is_no_fault() {
    let lab = open().await;
    let slow = Faults {
        latency_ms: 100,
        ..Faults::default()
    };
    lab.trouble(Role::Product, slow).await;
    let answer = ask(&lab, BOTH).await;
    assert_eq!(answer["errors"], Value::Null);
    lab.finish().await;
}
