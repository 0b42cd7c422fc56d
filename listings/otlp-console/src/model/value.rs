//! Attributes and their values.

use std::collections::BTreeMap;

/// Attributes, sorted by name, so that two equal sets print alike.
pub type Attributes = BTreeMap<String, Value>;

/// An OTLP `AnyValue`.
#[derive(Clone, Debug)]
pub enum Value {
    /// No value was set.
    Empty,
    /// Text.
    Str(String),
    /// A truth value.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// A 64-bit float.
    Double(f64),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A list of values.
    Array(Vec<Value>),
    /// Values by name.
    Map(Attributes),
}

/// NaN equals NaN: a span that its sender repeats is the same span.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Empty, Self::Empty) => true,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Double(a), Self::Double(b)) => {
                a == b || (a.is_nan() && b.is_nan())
            }
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            _ => false,
        }
    }
}
