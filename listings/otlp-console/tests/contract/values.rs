//! Short ways to write attributes.

use otlp_console::model::Value;

/// A value from the Rust type that stands for it.
pub(crate) fn value(value: impl Into<AnyValue>) -> Value {
    value.into().0
}

/// Lets a list hold values of several types.
pub(crate) struct AnyValue(Value);

impl From<&str> for AnyValue {
    fn from(value: &str) -> Self {
        Self(Value::Str(value.to_owned()))
    }
}

impl From<i64> for AnyValue {
    fn from(value: i64) -> Self {
        Self(Value::Int(value))
    }
}

impl From<bool> for AnyValue {
    fn from(value: bool) -> Self {
        Self(Value::Bool(value))
    }
}

/// Attributes as `name: value` pairs.
macro_rules! attributes {
    ($($name:literal: $value:expr),* $(,)?) => {
        otlp_console::model::Attributes::from([
            $(($name.to_owned(), $crate::values::value($value))),*
        ])
    };
}

pub(crate) use attributes;
