//! The types that an attribute's value may have.

use std::fmt;

use serde::{
    Deserialize,
    de::{IntoDeserializer, value},
};

use crate::model::Value;

/// The `type` of an attribute.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Type {
    String,
    Int,
    Double,
    Boolean,
    Any,
    #[serde(rename = "string[]")]
    Strings,
    #[serde(rename = "int[]")]
    Ints,
    #[serde(rename = "double[]")]
    Doubles,
    #[serde(rename = "boolean[]")]
    Booleans,
    /// Attributes `name.KEY` with text values.
    #[serde(rename = "template[string]")]
    StringTemplate,
    /// Attributes `name.KEY` with lists of texts.
    #[serde(rename = "template[string[]]")]
    StringsTemplate,
    /// One of a few values.
    Members(Vec<Member>),
}

/// One value of an enumeration.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    #[serde(rename = "id")]
    _id: String,
    pub(super) value: MemberValue,
    #[serde(rename = "brief")]
    _brief: Option<String>,
    #[serde(rename = "stability")]
    _stability: super::file::Stability,
}

/// An enumeration's value is a text or an integer.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged, expecting = "expected a text or an integer")]
pub(super) enum MemberValue {
    Int(i64),
    Str(String),
}

impl Type {
    /// Reads a type that is one word, as in `semconv.tsv`.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        let word: value::StrDeserializer<'_, value::Error> =
            word.into_deserializer();
        Self::deserialize(word).ok()
    }

    /// Whether attributes of this type are named `name.KEY`.
    pub(super) fn is_template(&self) -> bool {
        matches!(self, Self::StringTemplate | Self::StringsTemplate)
    }

    /// Whether `value` is of this type. A list may be empty.
    pub(super) fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Any => *value != Value::Empty,
            Self::String | Self::StringTemplate => {
                matches!(value, Value::Str(_))
            }
            Self::Int => matches!(value, Value::Int(_)),
            Self::Double => matches!(value, Value::Double(_)),
            Self::Boolean => matches!(value, Value::Bool(_)),
            Self::Strings | Self::StringsTemplate => {
                list_of(value, |item| matches!(item, Value::Str(_)))
            }
            Self::Ints => list_of(value, |item| matches!(item, Value::Int(_))),
            Self::Doubles => {
                list_of(value, |item| matches!(item, Value::Double(_)))
            }
            Self::Booleans => {
                list_of(value, |item| matches!(item, Value::Bool(_)))
            }
            Self::Members(members) => {
                members.iter().any(|member| member.value.is(value))
            }
        }
    }

    /// The values of an enumeration; none for other types.
    pub(super) fn members(&self) -> impl Iterator<Item = &MemberValue> {
        let members = match self {
            Self::Members(members) => members.as_slice(),
            _ => &[],
        };
        members.iter().map(|member| &member.value)
    }
}

impl MemberValue {
    /// Whether `value` is this member.
    pub(super) fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Int(own), Value::Int(other)) => own == other,
            (Self::Str(own), Value::Str(other)) => own == other,
            _ => false,
        }
    }
}

fn list_of(value: &Value, is_item: impl Fn(&Value) -> bool) -> bool {
    matches!(value, Value::Array(items) if items.iter().all(is_item))
}

/// Names the type of a received value in the registry's words.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Empty => "empty",
        Value::Str(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "int",
        Value::Double(_) => "double",
        Value::Bytes(_) => "bytes",
        Value::Map(_) => "map",
        Value::Array(items) => match items.first() {
            Some(Value::Str(_)) => "string[]",
            Some(Value::Bool(_)) => "boolean[]",
            Some(Value::Int(_)) => "int[]",
            Some(Value::Double(_)) => "double[]",
            _ => "array",
        },
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Any => "any",
            Self::Strings => "string[]",
            Self::Ints => "int[]",
            Self::Doubles => "double[]",
            Self::Booleans => "boolean[]",
            Self::StringTemplate => "template[string]",
            Self::StringsTemplate => "template[string[]]",
            Self::Members(_) => "enum",
        })
    }
}

impl fmt::Display for MemberValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Str(value) => f.write_str(value),
        }
    }
}
