//! The graph.

mod batches;
mod faults;
mod http;
mod limits;
mod privacy;
mod random;
mod safelist;
mod scanner;

use otlp_console::model::{Span, Value as Attribute};
use serde_json::{Value, json};

use crate::lab::Lab;

/// A lab that carries out any operation.
async fn open() -> Lab {
    Lab::start(&[("GRAPHQL_OPERATIONS", "open")]).await
}

/// What comes of `document`, for Ada.
async fn ask(lab: &Lab, document: &str) -> Value {
    let answer = lab.post("/graphql", &json!({ "query": document })).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json());
    answer.json()
}

/// The code of the first error, or nothing.
fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}

fn named<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

fn text(text: &str) -> Option<&Attribute> {
    // A value to compare with, for as long as the test runs.
    Some(Box::leak(Box::new(Attribute::Str(text.to_owned()))))
}
