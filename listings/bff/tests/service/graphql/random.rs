//! Whatever is sent, the server is not at fault.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::open;

/// A body: bytes, or JSON that looks a little like a request.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let fields = prop::collection::btree_map(field(), value(), 0..5);
    let json = fields.prop_map(|fields| {
        let fields: Map<String, Value> = fields.into_iter().collect();
        Value::Object(fields).to_string().into_bytes()
    });
    let request = document()
        .prop_map(|query| json!({ "query": query }).to_string().into_bytes());
    prop_oneof![1 => bytes, 2 => json, 3 => request]
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        "query|operationName|variables|extensions|persistedQuery",
        "sha256Hash|version|[a-z]{1,3}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        document().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let map = prop::collection::btree_map(field(), inner, 0..4);
        let map = map.prop_map(|map| Value::Object(map.into_iter().collect()));
        prop_oneof![list.prop_map(Value::from), map]
    })
}

/// Words of GraphQL in any order; sometimes a document.
fn document() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "query|mutation|subscription|fragment|on|\\.\\.\\.|Query|Order|f",
        "\\{|\\}|\\(|\\)|\\[|\\]|:|!|=|\\$|@|\\||&|\"|\"\"\"|#|\n|,",
        "me|orders|product|products|id|first|ids|title|__typename|__schema",
        "[0-9]{1,20}|-1\\.5e9|true|null|\"p-1\"|\\$a|@skip\\(if: true\\)",
        "\\{ me \\{ id \\} \\}|\\{ orders \\{ id product \\{ id \\} \\} \\}",
        "\\PC",
    ];
    prop::collection::vec(word, 0..30).prop_map(|words| words.join(" "))
}

#[test]
fn no_body_gets_a_500() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let lab = runtime.block_on(open());
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&body(), |body| {
        let response = runtime.block_on(async {
            lab.request(Method::POST, "/graphql")
                .header("content-type", "application/json")
                .body(body)
                .send()
                .await
                .unwrap()
        });
        prop_assert!(response.status().as_u16() < 500);
        Ok(())
    });
    result.unwrap();
    runtime.block_on(lab.finish());
}
