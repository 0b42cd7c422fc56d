//! The parameters of a GraphQL request, out of a body or a query.

use async_graphql::Variables;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    graphql::{Question, Refusal, refusal},
    http::json,
};

/// A question, or why it is none.
pub(super) type Parsed = Result<Question, &'static Refusal>;

// ANCHOR: parameters
/// Each may be missing or null; other fields are left alone.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    persisted_query: Option<Persisted>,
}

/// A document by its hash, in the shape that Apollo's clients gave it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Persisted {
    sha256_hash: String,
}
// ANCHOR_END: parameters

impl Parameters {
    fn question(self, may_change: bool) -> Question {
        let variables = self.variables.unwrap_or_default();
        let persisted = self.extensions.and_then(|it| it.persisted_query);
        Question {
            document: self.query,
            hash: persisted.map(|it| it.sha256_hash),
            operation: self.operation_name,
            variables: Variables::from_json(Value::Object(variables)),
            may_change,
        }
    }
}

// ANCHOR: from-body
/// A JSON object. A list of them would be a batch, which multiplies every
/// limit by its length.
pub(super) fn from_body(body: &[u8]) -> Parsed {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        return Err(&refusal::BATCH_REFUSED);
    }
    let mut text = serde_json::Deserializer::from_slice(body);
    let parameters: Parameters = json::object(&mut text)
        .and_then(|parameters| text.end().map(|()| parameters))
        .map_err(|_| &refusal::MALFORMED_REQUEST)?;
    Ok(parameters.question(true))
}
// ANCHOR_END: from-body

// ANCHOR: from-query
/// The same out of a query, where two of the values are JSON once more.
pub(super) fn from_query(query: &str) -> Parsed {
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = match &*name {
            "query" | "operationName" => Value::String(value.into_owned()),
            "variables" | "extensions" => serde_json::from_str(&value)
                .map_err(|_| &refusal::MALFORMED_REQUEST)?,
            _ => continue,
        };
        if fields.insert(name.into_owned(), value).is_some() {
            return Err(&refusal::MALFORMED_REQUEST);
        }
    }
    let parameters: Parameters = json::object(Value::Object(fields))
        .map_err(|_| &refusal::MALFORMED_REQUEST)?;
    Ok(parameters.question(false))
}
// ANCHOR_END: from-query
