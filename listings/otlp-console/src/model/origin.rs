//! Who sent a piece of telemetry.

use std::sync::Arc;

use super::{Attributes, Value};

/// Who sent the telemetry: one resource a process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// `service.name` and its companions.
    pub attributes: Attributes,
    /// Schema that the attributes follow; empty when unknown.
    pub schema_url: String,
}

/// Which library made the telemetry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// Name, such as the crate's.
    pub name: String,
    /// Version; empty when unknown.
    pub version: String,
    /// Schema that the telemetry follows; empty when unknown.
    pub schema_url: String,
}

/// Where a piece of telemetry comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// The sending process.
    pub resource: Arc<Resource>,
    /// The library in it.
    pub scope: Arc<Scope>,
}

impl Origin {
    /// The resource's `service.name`, or `unknown_service`.
    pub fn service(&self) -> &str {
        match self.resource.attributes.get("service.name") {
            Some(Value::Str(name)) => name,
            _ => "unknown_service",
        }
    }
}
