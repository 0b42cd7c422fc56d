//! What a scanner looks for. The attacks are those of GraphQL Cop; ours also
//! looks for names that are suggested for our own fields.

use reqwest::Method;
use serde_json::{Value, json};

use crate::lab::{Answer, Lab};

/// What worked, by name.
async fn findings(lab: &Lab) -> Vec<&'static str> {
    let mut found = Vec::new();
    for (name, document, sign) in attacks() {
        let answer = lab.post("/graphql", &json!({ "query": document })).await;
        assert!(answer.status < 500, "{name}");
        if sign(&answer.json()) {
            found.push(name);
        }
    }
    for (name, request) in requests(lab) {
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert!(answer.status < 500, "{name}");
        if String::from_utf8(answer.body)
            .unwrap()
            .contains("__typename\"")
        {
            found.push(name);
        }
    }
    for path in ["/graphql", "/graphiql", "/playground", "/console"] {
        let request = lab.anonymous(Method::GET, path);
        let request = request.header("accept", "text/html").send();
        let page = request.await.unwrap().text().await.unwrap();
        if page.to_lowercase().contains("graphiql") {
            found.push("a console");
        }
    }
    found
}

type Sign = fn(&Value) -> bool;

fn attacks() -> Vec<(&'static str, String, Sign)> {
    let aliases = (0..101).map(|n| format!("a{n}: __typename "));
    let circle = "fields { type { ".repeat(4);
    let circle = format!("{{ __schema {{ types {{ {circle} name }} }} }}");
    let circle = circle + &"}".repeat(8);
    let suggests: Sign = |answer| answer.to_string().contains("Did you mean");
    let has_data: Sign = |answer| answer["data"].is_object();
    let inside: Sign = |answer| {
        let text = answer.to_string().to_lowercase();
        ["exception", "stacktrace", "tracing", "panicked"]
            .iter()
            .any(|word| text.contains(word))
    };
    let text = str::to_owned;
    vec![
        (
            "aliases",
            format!("{{ {} }}", aliases.collect::<String>()),
            has_data,
        ),
        (
            "fields",
            format!("{{ {} }}", "__typename ".repeat(500)),
            has_data,
        ),
        ("a circle", circle, has_data),
        (
            "a fragment in itself",
            "{ __schema { ...A } } fragment A on __Schema { ...B }
             fragment B on __Schema { __typename ...A }"
                .to_owned(),
            has_data,
        ),
        (
            "directives",
            format!("{{ me {{ id {} }} }}", "@aa".repeat(10)),
            |answer| answer["errors"].as_array().map_or(0, Vec::len) >= 10,
        ),
        (
            "the schema",
            text("{ __schema { types { name } } }"),
            has_data,
        ),
        ("suggestions", text("{ __schema { directive } }"), suggests),
        ("suggestions", text("{ ordrs { id } }"), suggests),
        ("traces", text("{ __typename }"), inside),
        ("the inside of an error", text("qwerty cop { abc }"), inside),
    ]
}

fn requests(lab: &Lab) -> Vec<(&'static str, reqwest::RequestBuilder)> {
    let get = |query| lab.request(Method::GET, query);
    let post = |kind: &str, body: String| {
        let request = lab.request(Method::POST, "/graphql");
        request.header("content-type", kind).body(body)
    };
    let one = json!({ "query": "{ __typename }" });
    let form = "application/x-www-form-urlencoded";
    let batch = Value::from(vec![one.clone(); 11]).to_string();
    let query = "/graphql?query=%7B__typename%7D";
    vec![
        ("queries by GET", get(query)),
        (
            "changes by GET",
            get("/graphql?query=mutation%7B__typename%7D"),
        ),
        ("a query beside a body", lab.request(Method::POST, query)),
        ("a form", post(form, "query=%7B__typename%7D".to_owned())),
        ("plain text", post("text/plain", one.to_string())),
        ("a batch", post("application/json", batch)),
    ]
}

#[tokio::test]
async fn a_scanner_finds_nothing() {
    let lab = Lab::start(&[]).await;
    assert_eq!(findings(&lab).await, [""; 0]);
    lab.finish().await;
}

#[tokio::test]
async fn a_scanner_finds_in_development_what_that_is_for() {
    let lab = super::open().await;
    let expected =
        ["the schema", "suggestions", "suggestions", "queries by GET"];
    assert_eq!(findings(&lab).await, expected);
    lab.finish().await;
}
