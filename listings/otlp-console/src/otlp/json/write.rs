//! Messages as OTLP/JSON.

use super::super::{
    schema::{Kind, Schema},
    wire::{Content, Fields},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The message in one line. Its text is what the wire format said: a field
/// at its default is left out.
pub(crate) fn text(
    message: &impl prost::Message,
    schema: &'static Schema,
) -> String {
    object(&message.encode_to_vec(), schema).to_string()
}

fn object(bytes: &[u8], schema: &'static Schema) -> Value {
    let mut object = Map::new();
    for (number, content) in Fields(bytes).flatten() {
        let Some(field) = schema.numbered(number) else {
            continue;
        };
        let value = value(content, &field.kind);
        let (Kind::Many(_) | Kind::Items(_)) = field.kind else {
            object.insert(field.name.to_owned(), value);
            continue;
        };
        let list = object.entry(field.name).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(value);
        }
    }
    Value::Object(object)
}

/// 64-bit integers are text, because not every reader has room for them.
fn value(content: Content<'_>, kind: &'static Kind) -> Value {
    match (content, kind) {
        (Content::Bytes(bytes), Kind::One(inner)) => object(bytes, inner),
        (Content::Bytes(bytes), Kind::Many(inner) | Kind::Items(inner)) => {
            object(bytes, inner)
        }
        (Content::Bytes(bytes), Kind::Id) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            Value::String(digits.collect())
        }
        (Content::Bytes(bytes), Kind::Bytes) => {
            Value::String(STANDARD.encode(bytes))
        }
        (Content::Bytes(bytes), _) => {
            Value::String(String::from_utf8_lossy(bytes).into_owned())
        }
        (Content::Number(number), Kind::Bool) => Value::Bool(number != 0),
        (Content::Number(number), Kind::Double) => {
            double(f64::from_bits(number))
        }
        (Content::Number(number), Kind::Int32) => json!(number as i32),
        (Content::Number(number), Kind::Int64 | Kind::Signed64) => {
            Value::String((number as i64).to_string())
        }
        (Content::Number(number), Kind::Fixed64) => {
            Value::String(number.to_string())
        }
        (Content::Number(number), _) => json!(number),
    }
}

fn double(number: f64) -> Value {
    match number {
        _ if number.is_finite() => json!(number),
        _ if number.is_nan() => json!("NaN"),
        _ if number > 0.0 => json!("Infinity"),
        _ => json!("-Infinity"),
    }
}
