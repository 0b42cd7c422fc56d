//! What the OpenTelemetry semantic conventions say about a name.
//!
//! The crate `opentelemetry-semantic-conventions` has constants only; types,
//! units and stability are in its doc comments. `semconv.tsv` holds them as
//! data. `tests/contract_semconv.rs` makes that file and keeps it current.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{file::Stability, value_type::Type};

/// An attribute of the semantic conventions.
#[derive(Debug)]
pub(super) struct Attribute {
    /// `None` where the docs do not tell.
    pub(super) value_type: Option<Type>,
    /// Everything that the crate hides behind `semconv_experimental` counts
    /// as development.
    pub(super) stability: Stability,
    /// What to use instead; empty when the attribute is current.
    pub(super) deprecated: &'static str,
    pub(super) example: &'static str,
    pub(super) brief: &'static str,
}

/// A metric of the semantic conventions.
#[derive(Debug)]
pub(super) struct Metric {
    /// In the registry's words, such as `updowncounter`.
    pub(super) instrument: &'static str,
    pub(super) unit: &'static str,
    pub(super) stability: Stability,
    /// Attributes that every point has.
    pub(super) required: Vec<&'static str>,
}

/// All names of one version of the semantic conventions.
#[derive(Debug, Default)]
pub(super) struct Semconv {
    pub(super) schema_url: &'static str,
    pub(super) attributes: BTreeMap<&'static str, Attribute>,
    pub(super) metrics: BTreeMap<&'static str, Metric>,
}

static SEMCONV: LazyLock<Semconv> =
    LazyLock::new(|| Semconv::parse(include_str!("semconv.tsv")));

/// The version that `opentelemetry-semantic-conventions` was made from.
pub(super) fn semconv() -> &'static Semconv {
    &SEMCONV
}

impl Semconv {
    fn parse(table: &'static str) -> Self {
        let mut semconv = Self::default();
        for line in table.lines() {
            // A line that fits no pattern is lost here and missed by the test
            // below, which counts them.
            let cells: Vec<&str> = line.split('\t').collect();
            match cells.as_slice() {
                ["schema_url", url] => semconv.schema_url = url,
                [
                    "attribute",
                    name,
                    value_type,
                    stability,
                    deprecated,
                    example,
                    brief,
                ] => {
                    let attribute = Attribute {
                        value_type: Type::from_word(value_type),
                        stability: stability_of(stability),
                        deprecated,
                        example,
                        brief,
                    };
                    semconv.attributes.insert(name, attribute);
                }
                ["metric", name, instrument, unit, stability, required] => {
                    let metric = Metric {
                        instrument,
                        unit,
                        stability: stability_of(stability),
                        required: required.split_whitespace().collect(),
                    };
                    semconv.metrics.insert(name, metric);
                }
                _ => {}
            }
        }
        semconv
    }

    /// The attribute called `name`, or the template that it is a key of.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }

    /// Whether some convention uses the first part of `name`.
    pub(super) fn owns_namespace_of(&self, name: &str) -> bool {
        let own = namespace(name);
        let mut names = self.attributes.keys().chain(self.metrics.keys());
        names.any(|name| namespace(name) == own)
    }
}

/// The part of a name before the first dot.
pub(super) fn namespace(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn stability_of(word: &str) -> Stability {
    match word {
        "stable" => Stability::Stable,
        "release_candidate" => Stability::ReleaseCandidate,
        _ => Stability::Development,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = include_str!("semconv.tsv").lines().count();
        let read = semconv().attributes.len() + semconv().metrics.len();
        assert_eq!(read + 1, lines, "one line is the schema URL");
    }

    #[test]
    fn the_table_and_the_crate_are_of_one_version() {
        assert_eq!(
            semconv().schema_url,
            opentelemetry_semantic_conventions::SCHEMA_URL
        );
    }

    #[test]
    fn types_units_and_stability_are_those_of_the_conventions() {
        let status = &semconv().attributes["http.response.status_code"];
        assert_eq!(status.value_type, Some(Type::Int));
        assert_eq!(status.stability, Stability::Stable);
        let template = &semconv().attributes["url.template"];
        assert_eq!(template.stability, Stability::Development);
        let header = &semconv().attributes["http.request.header"];
        assert_eq!(header.value_type, Some(Type::StringsTemplate));
        let duration = &semconv().metrics["http.server.request.duration"];
        assert_eq!((duration.instrument, duration.unit), ("histogram", "s"));
        assert_eq!(duration.required, ["http.request.method", "url.scheme"]);
    }
}
