//! GraphQL over HTTP, beyond what the audits look at.

use bff::backends::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ask, code, open};
use crate::lab::{Answer, Lab};

const RESPONSE: &str = "application/graphql-response+json";
const NOT_VALID: &str = "{ nothing }";

async fn post(lab: &Lab, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = lab.request(Method::POST, "/graphql");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.to_owned());
    Answer::of(request.send().await.unwrap()).await
}

async fn get(lab: &Lab, parameters: &[(&str, &str)]) -> Answer {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(parameters).finish();
    lab.get(&format!("/graphql?{query}")).await
}

// ANCHOR: simple-requests
/// What a form or an image on a foreign page can send without being asked.
#[tokio::test]
async fn nothing_that_any_page_can_send_changes_anything() {
    let lab = open().await;
    let rename = r#"mutation { rename(displayName: "Eve") { id } }"#;
    let answer = get(&lab, &[("query", rename)]).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.headers["allow"], "POST");
    assert_eq!(code(&answer.json()), "ONLY_QUERIES");
    let both = format!("query Q {{ __typename }} {rename}");
    let both = both.replace("mutation", "mutation M");
    let answer = get(&lab, &[("query", &both), ("operationName", "M")]).await;
    assert_eq!(answer.status, 405);

    let body = json!({ "query": rename }).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/jsonp",
        "",
    ] {
        let answer = post(&lab, &[("content-type", kind)], &body).await;
        assert_eq!(answer.status, 415, "{kind}");
        assert_eq!(code(&answer.json()), "UNSUPPORTED_TYPE");
    }
    assert_eq!(post(&lab, &[], &body).await.status, 415);
    assert_eq!(lab.requests(Role::User).await, 0);
    lab.finish().await;
}
// ANCHOR_END: simple-requests

#[tokio::test]
async fn the_media_type_decides_what_the_status_says() {
    let lab = open().await;
    let json = ("content-type", "application/json; charset=UTF-8");
    let body = json!({ "query": NOT_VALID }).to_string();
    for (accept, status) in [
        (RESPONSE, 400),
        ("application/json", 200),
        ("*/*", 200),
        ("text/html", 406),
    ] {
        let answer = post(&lab, &[json, ("accept", accept)], &body).await;
        assert_eq!(answer.status, status, "{accept}");
        assert_eq!(answer.headers["vary"], "accept");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let answer = answer.json();
        let refused = match status {
            406 => "NOT_ACCEPTABLE",
            _ => "NOT_VALID",
        };
        assert_eq!(code(&answer), refused);
        assert_eq!(answer.get("data"), None);
    }
    lab.finish().await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_such() {
    let lab = open().await;
    let json = ("content-type", "application/json");
    let one = r#"{"query":"{ __typename }"}"#;
    for (body, refused) in [
        (format!("[{one}]"), "BATCH_REFUSED"),
        (format!(" [{one},{one}]"), "BATCH_REFUSED"),
        ("[]".to_owned(), "BATCH_REFUSED"),
        (format!("{one}{one}"), "MALFORMED_REQUEST"),
        (
            r#"{"query":"{ a }","query":"{ b }"}"#.to_owned(),
            "MALFORMED_REQUEST",
        ),
        ("{}".to_owned(), "MALFORMED_REQUEST"),
        (r#"{"query":null}"#.to_owned(), "MALFORMED_REQUEST"),
        ("null".to_owned(), "MALFORMED_REQUEST"),
        (String::new(), "MALFORMED_REQUEST"),
        ("{\"query\":\"\u{0}\"}".to_owned(), "MALFORMED_REQUEST"),
        (
            format!(
                r#"{{"query":"{{a}}","variables":{{"a":{}1{}}}}}"#,
                "[".repeat(200),
                "]".repeat(200)
            ),
            "MALFORMED_REQUEST",
        ),
    ] {
        for accept in [RESPONSE, "application/json"] {
            let answer = post(&lab, &[json, ("accept", accept)], &body).await;
            assert_eq!(answer.status, 400, "{body}");
            assert_eq!(code(&answer.json()), refused, "{body}");
        }
    }
    lab.finish().await;
}

#[tokio::test]
async fn a_query_may_come_by_get() {
    let lab = open().await;
    let query = "query Q($id: ID!) { product(id: $id) { id } }";
    let variables = r#"{"id":"p-3"}"#;
    let all = [
        ("query", query),
        ("variables", variables),
        ("other", "ignored"),
    ];
    let answer = get(&lab, &all).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["data"]["product"]["id"], "p-3");
    for wrong in [
        vec![("query", query), ("query", query)],
        vec![("query", query), ("variables", "{")],
        vec![("query", query), ("variables", "[]")],
        vec![("variables", variables)],
        vec![],
    ] {
        assert_eq!(get(&lab, &wrong).await.status, 400, "{wrong:?}");
    }
    let other = lab.request(Method::PUT, "/graphql").send().await.unwrap();
    assert_eq!(other.status(), 405);
    assert_eq!(other.headers()["allow"], "GET,HEAD,POST");
    lab.finish().await;
}

#[tokio::test]
async fn a_document_that_is_wrong_says_where_and_not_more() {
    let lab = open().await;
    let answer = ask(&lab, "{ me { secret( } }").await;
    assert_eq!(code(&answer), "NOT_GRAPHQL");
    assert_eq!(
        answer["errors"][0]["message"],
        "The document is not GraphQL."
    );
    assert_eq!(answer["errors"][0]["locations"][0]["line"], 1);
    for (document, refused) in [
        ("query A { a } query B { b }", "NO_SUCH_OPERATION"),
        ("subscription { a }", "NOT_VALID"),
        ("{ me }", "NOT_VALID"),
        (
            "query($id: ID!) { product(id: $id) { id } }",
            "VARIABLE_MISSING",
        ),
        ("{ orders(first: 1.5) { id } }", "NOT_VALID"),
        ("{ orders(first: \"x\") { id } }", "NOT_VALID"),
        ("{ \u{fffd} }", "NOT_GRAPHQL"),
    ] {
        let answer = ask(&lab, document).await;
        assert_eq!(code(&answer), refused, "{document}: {answer}");
        assert_eq!(answer.get("data"), None);
    }
    let many = "@a".repeat(40);
    let document = format!("{{ product(id: \"p-1\") {{ id {many} }} }}");
    let answer = ask(&lab, &document).await;
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(5));
    let answer = ask(&lab, "{ product }").await;
    assert!(!answer.to_string().contains("async_graphql"), "{answer}");
    assert_eq!(answer["data"], Value::Null);
    lab.finish().await;
}
