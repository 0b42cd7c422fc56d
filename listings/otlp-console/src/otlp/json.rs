//! OTLP/JSON: the protobuf JSON mapping, with the exceptions of the OTLP
//! specification ("JSON Protobuf Encoding").

use serde::de::DeserializeOwned;
use serde_json::{Number, Value, json};

/// Fields of type `double`, which the mapping also allows as text.
const DOUBLES: [&str; 9] = [
    "asDouble",
    "doubleValue",
    "explicitBounds",
    "max",
    "min",
    "quantile",
    "sum",
    "value",
    "zeroThreshold",
];

/// Reads one message.
///
/// `opentelemetry-proto` reads ids, 64-bit integers as text and unknown
/// fields. Three more liberties of the mapping are taken care of here: `null`
/// for a default, an empty list left out, and a double as text.
pub(crate) fn parse<T: DeserializeOwned>(
    body: &[u8],
) -> Result<T, serde_json::Error> {
    let mut message = serde_json::from_slice(body)?;
    normalise(&mut message);
    serde_json::from_value(message)
}

fn normalise(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            for (name, value) in fields {
                if DOUBLES.contains(&name.as_str()) {
                    read_double(value);
                }
                if let ("arrayValue" | "kvlistValue", Value::Object(list)) =
                    (name.as_str(), &mut *value)
                {
                    list.entry("values").or_insert_with(|| json!([]));
                }
                normalise(value);
            }
        }
        _ => {}
    }
}

fn read_double(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(read_double),
        Value::String(text) => {
            let number = text.parse().ok().and_then(Number::from_f64);
            if let Some(number) = number {
                *value = Value::Number(number);
            }
        }
        _ => {}
    }
}

/// Leaves out what the mapping allows to leave out: fields at their default.
pub(crate) fn without_defaults(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_defaults),
        Value::Object(fields) => {
            fields.values_mut().for_each(without_defaults);
            // In an AnyValue the field's presence is the information.
            fields.retain(|name, value| {
                name.ends_with("Value") || !is_default(value)
            });
        }
        _ => {}
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_liberties_of_the_mapping() {
        let mut message = json!({
            "a": null,
            "doubleValue": "1.5",
            "explicitBounds": ["1", 2],
            "arrayValue": {},
            "stringValue": "2",
        });
        normalise(&mut message);
        let expected = json!({
            "doubleValue": 1.5,
            "explicitBounds": [1.0, 2],
            "arrayValue": {"values": []},
            "stringValue": "2",
        });
        assert_eq!(message, expected);
    }

    #[test]
    fn leaves_an_attribute_its_empty_value() {
        let mut message = json!({
            "flags": 0,
            "name": "",
            "value": {"boolValue": false},
            "key": "k",
        });
        without_defaults(&mut message);
        let expected = json!({"value": {"boolValue": false}, "key": "k"});
        assert_eq!(message, expected);
    }
}
