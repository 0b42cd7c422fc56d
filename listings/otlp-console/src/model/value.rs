//! Attributes and their values.

use std::collections::BTreeMap;

/// Attributes, sorted by name, so that two equal sets print alike.
pub type Attributes = BTreeMap<String, Value>;

/// An OTLP `AnyValue`.
#[derive(Clone, Debug, PartialEq)]
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
