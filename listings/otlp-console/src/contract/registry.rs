//! The registry with its references resolved.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    file::{self, Condition, Level, Severity, Stability},
    semconv::semconv,
    span_name::SpanName,
    value_type::Type,
};
use crate::model::{Instrument, SpanKind};

/// What one listing says about its telemetry.
///
/// [`Registry::load`] reads it from a file in the registry format of the
/// OpenTelemetry semantic conventions; the module documentation lists the
/// fields.
#[derive(Debug)]
pub struct Registry {
    pub(super) path: PathBuf,
    pub(super) definitions: Vec<Definition>,
    pub(super) spans: Vec<SpanGroup>,
    pub(super) events: Vec<EventGroup>,
    pub(super) metrics: Vec<MetricGroup>,
    pub(super) entities: Vec<Group>,
    /// Schema URLs that the manifest depends on; `None` without a manifest.
    pub(super) dependencies: Option<Vec<String>>,
}

/// Why a registry cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be opened.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is not a registry.
    #[error("{}:{line}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where in the file, from 1.
        line: u64,
        /// What is wrong, in a sentence.
        message: String,
    },
}

/// What all groups have.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) line: u64,
    pub(super) brief: String,
    pub(super) note: Option<String>,
    pub(super) stability: Option<Stability>,
    pub(super) attributes: Vec<Attribute>,
}

/// Spans of one kind whose names follow one pattern.
#[derive(Debug)]
pub(super) struct SpanGroup {
    pub(super) group: Group,
    pub(super) kind: SpanKind,
    pub(super) name: SpanName,
    /// Ids of event groups that may occur as span events.
    pub(super) events: Vec<String>,
    /// Ids of span groups, `root` or `remote`; `None` allows any parent.
    pub(super) parents: Option<Vec<String>>,
    /// Ids of span groups, or `remote`.
    pub(super) links: Vec<String>,
}

/// Log records with one event name.
#[derive(Debug)]
pub(super) struct EventGroup {
    pub(super) group: Group,
    pub(super) name: String,
    pub(super) severity: Option<Severity>,
    pub(super) outside_trace: bool,
}

/// One metric.
#[derive(Debug)]
pub(super) struct MetricGroup {
    pub(super) group: Group,
    pub(super) name: String,
    pub(super) instrument: Instrument,
    pub(super) unit: String,
}

/// An attribute that this file defines.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) group: String,
    pub(super) line: u64,
    pub(super) value_type: Type,
    pub(super) brief: String,
    pub(super) examples: Vec<serde_json::Value>,
    pub(super) stability: Option<Stability>,
}

/// An attribute as one group uses it.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) line: u64,
    /// `None` where neither the registry nor semconv knows.
    pub(super) value_type: Option<Type>,
    pub(super) brief: String,
    pub(super) example: String,
    pub(super) stability: Stability,
    /// What the `ref` itself claims.
    pub(super) claimed: Option<Stability>,
    pub(super) level: Level,
    pub(super) required_if: Option<Condition>,
}

impl Registry {
    /// Reads a registry, and `manifest.yaml` where one lies beside it.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, is not YAML, has a field that the format
    /// does not know, or lacks one that its group needs.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let file = parse(path, &read(path)?)?;
        let mut registry = super::resolve::resolve(path, file)?;
        let manifest = path.with_file_name("manifest.yaml");
        if manifest.exists() {
            let manifest: file::Manifest = parse(&manifest, &read(&manifest)?)?;
            let dependencies = manifest.dependencies.into_iter();
            registry.dependencies =
                Some(dependencies.map(|it| it.schema_url).collect());
        }
        Ok(registry)
    }

    /// Every group of every signal.
    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        let spans = self.spans.iter().map(|it| &it.group);
        let events = self.events.iter().map(|it| &it.group);
        let metrics = self.metrics.iter().map(|it| &it.group);
        spans.chain(events).chain(metrics).chain(&self.entities)
    }
}

impl Group {
    /// The group's attribute called `name`, or the template it is a key of.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.covers(name))
    }
}

impl Attribute {
    /// Whether a received attribute called `name` is this one.
    pub(super) fn covers(&self, name: &str) -> bool {
        let is_template =
            self.value_type.as_ref().is_some_and(Type::is_template);
        match name.strip_prefix(self.name.as_str()) {
            Some(key) if is_template => key.len() > 1 && key.starts_with('.'),
            Some(key) => key.is_empty(),
            None => false,
        }
    }

    /// Whether some definition stands behind it, here or in semconv.
    pub(super) fn is_defined(&self, definitions: &[Definition]) -> bool {
        semconv().attribute(&self.name).is_some()
            || definitions.iter().any(|own| own.name == self.name)
    }
}

fn read(path: &Path) -> Result<String, LoadError> {
    fs::read_to_string(path).map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })
}

fn parse<T>(path: &Path, text: &str) -> Result<T, LoadError>
where
    T: serde::de::DeserializeOwned,
{
    serde_saphyr::from_str(text).map_err(|error| {
        let message = error.without_snippet().to_string();
        let sentence = message.split(" at line ").next();
        LoadError::Invalid {
            path: path.to_owned(),
            line: error.location().map_or(1, |location| location.line()),
            message: sentence.unwrap_or(&message).to_owned(),
        }
    })
}
