//! What all signals share: attributes, resource, scope, ids.

use crate::model::{self, Attributes, Origin, Value};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use std::sync::Arc;

/// What the model keeps of a resource; the rest is not decoded.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

/// What the model keeps of a scope.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Scope {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
}

pub(super) fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    pairs
        .into_iter()
        .map(|pair| (pair.key, value(pair.value)))
        .collect()
}

pub(super) fn value(any: Option<AnyValue>) -> Value {
    use any_value::Value as Proto;
    match any.and_then(|any| any.value) {
        // A string index points into a table that only profiles have.
        None | Some(Proto::StringValueStrindex(_)) => Value::Empty,
        Some(Proto::StringValue(text)) => Value::Str(text),
        Some(Proto::BoolValue(truth)) => Value::Bool(truth),
        Some(Proto::IntValue(number)) => Value::Int(number),
        Some(Proto::DoubleValue(number)) => Value::Double(number),
        Some(Proto::BytesValue(bytes)) => Value::Bytes(bytes),
        Some(Proto::KvlistValue(list)) => Value::Map(attributes(list.values)),
        Some(Proto::ArrayValue(array)) => Value::Array(
            array
                .values
                .into_iter()
                .map(|any| value(Some(any)))
                .collect(),
        ),
    }
}

pub(super) fn resource(
    resource: Option<Resource>,
    schema_url: String,
) -> Arc<model::Resource> {
    let attributes = attributes(resource.unwrap_or_default().attributes);
    Arc::new(model::Resource {
        attributes,
        schema_url,
    })
}

pub(super) fn origin(
    resource: &Arc<model::Resource>,
    scope: Option<Scope>,
    schema_url: String,
) -> Origin {
    let scope = scope.unwrap_or_default();
    Origin {
        resource: Arc::clone(resource),
        scope: Arc::new(model::Scope {
            name: scope.name,
            version: scope.version,
            schema_url,
        }),
    }
}

/// The bytes of a valid id: `N` of them, not all zero (W3C Trace Context
/// level 2, sections 3.2.2.3 and 3.2.2.4).
pub(super) fn id<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    let id: [u8; N] = bytes.try_into().ok()?;
    (id != [0; N]).then_some(id)
}
