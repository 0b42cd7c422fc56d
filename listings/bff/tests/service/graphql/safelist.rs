//! Our clients' operations, and no others.

use std::{collections::BTreeSet, fs};

use bff::graphql::OPERATIONS;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::code;
use crate::lab::{Answer, Lab};

fn hash(document: &str) -> String {
    let hash = Sha256::digest(document);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn persisted(document: &str, variables: Value) -> Value {
    let hash = hash(document);
    let persisted = json!({ "version": 1, "sha256Hash": hash });
    let extensions = json!({ "persistedQuery": persisted });
    json!({ "variables": variables, "extensions": extensions })
}

#[test]
fn the_list_is_the_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/operations");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let list: BTreeSet<String> = OPERATIONS.map(str::to_owned).into();
    assert_eq!(files, list);
}

#[tokio::test]
async fn every_operation_on_the_list_is_carried_out() {
    let lab = Lab::start(&[]).await;
    let variables = json!({ "id": "o-ada-1", "name": "Ada", "orders": 5 });
    for document in OPERATIONS {
        let by_hash = persisted(document, variables.clone());
        let by_text = json!({ "query": document, "variables": variables });
        for body in [by_hash, by_text] {
            let answer = lab.post("/graphql", &body).await;
            assert_eq!(answer.status, 200, "{document}");
            assert_eq!(answer.json()["errors"], Value::Null, "{document}");
        }
    }
    lab.finish().await;
}

// ANCHOR: not-on-the-list
#[tokio::test]
async fn no_other_operation_is() {
    let lab = Lab::start(&[]).await;
    let known = OPERATIONS[0];
    for (body, expected) in [
        (
            json!({ "query": "{ __typename }" }),
            "OPERATION_NOT_ALLOWED",
        ),
        (
            json!({ "query": "{ __schema { types { name } } }" }),
            "OPERATION_NOT_ALLOWED",
        ),
        (
            json!({ "query": format!("{known} ") }),
            "OPERATION_NOT_ALLOWED",
        ),
        (json!({ "query": "not GraphQL" }), "OPERATION_NOT_ALLOWED"),
        (persisted("{ me }", json!({})), "PERSISTED_QUERY_NOT_FOUND"),
    ] {
        let answer = lab.post("/graphql", &body).await;
        assert_eq!(answer.status, 400);
        assert_eq!(code(&answer.json()), expected, "{body}");
    }
    let mut other = persisted(known, json!({}));
    other["query"] = json!(OPERATIONS[1]);
    let answer = lab.post("/graphql", &other).await;
    assert_eq!(code(&answer.json()), "PERSISTED_QUERY_MISMATCH");
    lab.finish().await;
}
// ANCHOR_END: not-on-the-list

#[tokio::test]
async fn a_known_operation_may_come_by_get_if_it_changes_nothing() {
    let lab = Lab::start(&[]).await;
    for document in OPERATIONS {
        let body = persisted(document, json!({ "id": "p-1", "name": "Eve" }));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for name in ["variables", "extensions"] {
            query.append_pair(name, &body[name].to_string());
        }
        let path = format!("/graphql?{}", query.finish());
        let request = lab.request(Method::GET, &path).send().await.unwrap();
        let answer = Answer::of(request).await;
        let status = match document.starts_with("mutation") {
            true => 405,
            false => 200,
        };
        assert_eq!(answer.status, status, "{document}");
    }
    lab.finish().await;
}

#[tokio::test]
async fn limits_hold_for_known_operations_too() {
    let lab = Lab::start(&[]).await;
    for (orders, expected) in [(50, ""), (51, "LIST_TOO_LONG")] {
        let body = persisted(OPERATIONS[0], json!({ "orders": orders }));
        let answer = lab.post("/graphql", &body).await.json();
        assert_eq!(code(&answer), expected, "{answer}");
    }
    lab.finish().await;
}
