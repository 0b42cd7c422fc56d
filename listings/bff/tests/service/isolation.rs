//! Nobody sees what is another's.

use std::collections::HashMap;

use bff::backends::PERSONS;
use proptest::{
    prelude::{any, prop},
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};

use crate::lab::{Answer, Lab, Person};

/// Who, and what they do.
type Step = (usize, u8);

/// What a person has in no answer but their own.
const RENAME: &str =
    "mutation Rename($name: String!) { rename(displayName: $name) { id } }";

// ANCHOR: isolation
/// Random people ask for random things in random order, through one cache, at
/// the same time. Between two rounds, somebody changes their name.
#[tokio::test]
async fn nobody_sees_the_page_of_another() {
    let settings = [("CACHE_MS", "60000"), ("GRAPHQL_OPERATIONS", "open")];
    let lab = Lab::start(&settings).await;
    let mut people = Vec::new();
    for (id, _) in PERSONS {
        people.push((id, lab.sign_in(id).await));
    }
    let steps = prop::collection::vec((0..people.len(), any::<u8>()), 8);
    let mut runner = TestRunner::deterministic();
    let mut names = HashMap::new();
    for round in 0..60 {
        let steps: Vec<Step> = steps.new_tree(&mut runner).unwrap().current();
        let asking = steps.iter().map(async |(at, what)| {
            let (id, person) = &people[*at];
            (*id, ask(person, *what).await)
        });
        for (id, answer) in futures_util::future::join_all(asking).await {
            assert_is_for(id, &answer, &names);
        }
        let (id, person) = &people[round % people.len()];
        let name = format!("{id} the {round}th");
        rename(person, &name).await;
        names.insert(*id, name);
    }
    lab.finish().await;
}
// ANCHOR_END: isolation

async fn ask(person: &Person, what: u8) -> Answer {
    let me = json!({ "query": "{ me { id displayName } orders { id } }" });
    let bulk = json!({ "operations": [
        { "get": "me" },
        { "get": "order", "id": "o-ada-1" },
        { "get": "order", "id": "o-grace-1" },
        { "get": "order", "id": "o-edsger-1" },
    ] });
    match what % 5 {
        0 => person.get("/web/home").await,
        1 => person.get("/mobile/home").await,
        2 => person.post("/desktop/bulk", &bulk).await,
        3 => person.post("/graphql", &me).await,
        _ => person.get("/auth/session").await,
    }
}

async fn rename(person: &Person, name: &str) {
    let variables = json!({ "name": name });
    let body = json!({ "query": RENAME, "variables": variables });
    let answer = person.post("/graphql", &body).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["data"]["rename"]["id"].is_string());
}

/// The answer names its person, by the name that they have now, and nobody
/// else, in any way.
fn assert_is_for(id: &str, answer: &Answer, names: &HashMap<&str, String>) {
    assert_eq!(answer.status, 200);
    let text = answer.json().to_string().to_lowercase();
    for (other, _) in PERSONS {
        assert_eq!(text.contains(other), other == id, "{id}: {text}");
    }
    let names_somebody = ["name", "display_name", "displayName"];
    let name = find(&answer.json(), &names_somebody);
    if let (Some(name), Some(wanted)) = (name, names.get(id)) {
        assert_eq!(&name, wanted);
    }
}

/// The first text under one of these names, wherever it is.
fn find(value: &Value, names: &[&str]) -> Option<String> {
    match value {
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| match value {
                Value::String(text) if names.contains(&name.as_str()) => {
                    Some(text.clone())
                }
                value => find(value, names),
            })
        }
        Value::Array(values) => values.iter().find_map(|v| find(v, names)),
        _ => None,
    }
}
