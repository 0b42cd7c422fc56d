//! How the registry describes the names of spans.
//!
//! The templates follow Weaver's proposal for span names
//! (open-telemetry/weaver, docs/specs/span-naming): the first template whose
//! attributes are all present makes the name; `_OTHER` counts as absent.

use super::{file, registry::Group};
use crate::model::{Attributes, Value};

/// The names that one group's spans may have.
#[derive(Debug)]
pub(super) struct SpanName {
    pub(super) templates: Vec<Template>,
    /// All names that come out: few, or the name has a high cardinality.
    pub(super) names: Vec<String>,
}

/// A name with attributes in it, such as `{http.request.method} {http.route}`.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) text: String,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Attribute(String),
}

impl SpanName {
    /// Reads `annotations.span_name`; its attributes are those of `group`.
    pub(super) fn parse(
        written: file::SpanName,
        group: &Group,
    ) -> Result<Self, String> {
        let templates = written
            .templates
            .iter()
            .map(|template| Template::parse(&template.value, group))
            .collect::<Result<Vec<_>, _>>()?;
        let id = &group.id;
        if templates.is_empty() {
            return Err(format!("group `{id}` needs a template of its name"));
        }
        let mut names = written.names;
        if names.is_empty() {
            if templates.iter().any(|it| !it.is_literal()) {
                return Err(format!(
                    "group `{id}` needs `names`, all names that come out of \
                     its templates, because these have attributes in them"
                ));
            }
            names = templates.iter().map(|it| it.text.clone()).collect();
        }
        Ok(Self { templates, names })
    }

    /// The template that holds for these attributes, and the name it makes.
    pub(super) fn of(
        &self,
        attributes: &Attributes,
    ) -> Option<(&Template, String)> {
        self.templates
            .iter()
            .find_map(|template| Some((template, template.fill(attributes)?)))
    }

    /// Whether a span with these attributes must be called `name`.
    pub(super) fn accepts(&self, name: &str, attributes: &Attributes) -> bool {
        self.lists(name)
            && self.of(attributes).is_some_and(|(_, made)| made == name)
    }

    /// Whether `name` is one of the names that may come out.
    pub(super) fn lists(&self, name: &str) -> bool {
        self.names.iter().any(|listed| listed == name)
    }
}

impl Template {
    fn parse(text: &str, group: &Group) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| {
                format!("span name template `{text}` lacks a closing `}}`")
            })?;
            if group.attribute(name).is_none() {
                return Err(format!(
                    "span name template `{text}` uses `{name}`, which is not \
                     an attribute of group `{}`",
                    group.id
                ));
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Attribute(name.to_owned()));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The name, if all attributes are present.
    fn fill(&self, attributes: &Attributes) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(text.clone()),
                Part::Attribute(name) => attributes.get(name).and_then(shown),
            })
            .collect()
    }
}

fn shown(value: &Value) -> Option<String> {
    let text = value.to_string();
    (!text.is_empty() && text != "_OTHER").then_some(text)
}
