//! The registry file and its manifest as they are written.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::value_type::Type;
use crate::model;

/// `registry.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) groups: Vec<Group>,
}

/// One entry of `groups`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) id: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) group_type: GroupType,
    pub(super) brief: String,
    pub(super) note: Option<String>,
    pub(super) stability: Option<Stability>,
    #[serde(default)]
    pub(super) attributes: Vec<Attribute>,
    pub(super) span_kind: Option<Kind>,
    pub(super) events: Option<Vec<String>>,
    pub(super) metric_name: Option<String>,
    pub(super) instrument: Option<Instrument>,
    pub(super) unit: Option<String>,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) annotations: GroupAnnotations,
}

/// What a group describes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum GroupType {
    AttributeGroup,
    Span,
    Event,
    Metric,
    Entity,
}

/// What the book needs and the format has no field for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupAnnotations {
    pub(super) span_name: Option<SpanName>,
    pub(super) parents: Option<Vec<String>>,
    pub(super) links: Option<Vec<String>>,
    pub(super) severity: Option<Severity>,
    pub(super) outside_trace: Option<bool>,
}

/// How the name of a span is made, and what may come out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpanName {
    pub(super) templates: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) names: Vec<String>,
}

/// A definition (`id`) or a use (`ref`) of an attribute.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attribute {
    pub(super) id: Option<Spanned<String>>,
    #[serde(rename = "ref")]
    pub(super) reference: Option<Spanned<String>>,
    #[serde(rename = "type")]
    pub(super) value_type: Option<Type>,
    pub(super) brief: Option<String>,
    pub(super) examples: Option<serde_json::Value>,
    pub(super) stability: Option<Stability>,
    #[serde(default)]
    pub(super) requirement_level: Level,
    #[serde(default)]
    pub(super) annotations: AttributeAnnotations,
}

/// What the book needs and the format has no field for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributeAnnotations {
    pub(super) required_if: Option<Condition>,
}

/// A condition that a program can check.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Condition {
    /// The span's status is Error.
    Error,
}

/// How much an attribute is needed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    Required,
    ConditionallyRequired(String),
    #[default]
    Recommended,
    OptIn,
}

/// How firm a definition is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stability {
    Stable,
    ReleaseCandidate,
    Beta,
    Alpha,
    Development,
}

/// The `span_kind` of a span group.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// The `instrument` of a metric group.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Instrument {
    Counter,
    UpDownCounter,
    Gauge,
    Histogram,
}

/// A range of OTLP severity numbers.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// `manifest.yaml`, which tells Weaver where `ref` may point to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    #[serde(rename = "name")]
    pub(super) _name: Option<String>,
    #[serde(rename = "description")]
    pub(super) _description: Option<String>,
    #[serde(rename = "schema_url")]
    pub(super) _schema_url: String,
    #[serde(rename = "stability")]
    pub(super) _stability: Option<Stability>,
    pub(super) dependencies: Vec<Dependency>,
}

/// A registry whose attributes may be referenced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dependency {
    pub(super) schema_url: String,
    #[serde(rename = "registry_path")]
    pub(super) _registry_path: Option<String>,
}

impl Stability {
    /// The word that the format uses.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::ReleaseCandidate => "release_candidate",
            Self::Beta => "beta",
            Self::Alpha => "alpha",
            Self::Development => "development",
        }
    }
}

impl Severity {
    /// The name that the logs data model uses.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }

    /// The range that an OTLP severity number (1 to 24) falls in.
    pub(super) fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            1..=4 => Self::Trace,
            5..=8 => Self::Debug,
            9..=12 => Self::Info,
            13..=16 => Self::Warn,
            17..=20 => Self::Error,
            21..=24 => Self::Fatal,
            _ => return None,
        })
    }
}

impl From<Kind> for model::SpanKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Internal => Self::Internal,
            Kind::Server => Self::Server,
            Kind::Client => Self::Client,
            Kind::Producer => Self::Producer,
            Kind::Consumer => Self::Consumer,
        }
    }
}

impl From<Instrument> for model::Instrument {
    fn from(instrument: Instrument) -> Self {
        match instrument {
            Instrument::Counter => Self::Counter,
            Instrument::UpDownCounter => Self::UpDownCounter,
            Instrument::Gauge => Self::Gauge,
            Instrument::Histogram => Self::Histogram,
        }
    }
}
