//! From the file as written to the registry as checked.

use std::path::Path;

use serde_json::Value as Json;

use super::{
    file::{self, GroupType},
    registry::{
        Attribute, Definition, EventGroup, Group, LoadError, MetricGroup,
        Registry, SpanGroup,
    },
    semconv::semconv,
    span_name::SpanName,
    value_type::Type,
};

/// Resolves every `ref` and sorts the groups by signal.
pub(super) fn resolve(
    path: &Path,
    file: file::File,
) -> Result<Registry, LoadError> {
    let invalid = |line, message| LoadError::Invalid {
        path: path.to_owned(),
        line,
        message,
    };
    let mut registry = Registry {
        path: path.to_owned(),
        definitions: Vec::new(),
        spans: Vec::new(),
        events: Vec::new(),
        metrics: Vec::new(),
        entities: Vec::new(),
        dependencies: None,
    };
    for group in &file.groups {
        for attribute in &group.attributes {
            let defined = definition(group, attribute)
                .map_err(|message| invalid(attribute.line(group), message))?;
            registry.definitions.extend(defined);
        }
    }
    for group in file.groups {
        let line = group.id.referenced.line();
        registry
            .add(group)
            .map_err(|message| invalid(line, message))?;
    }
    Ok(registry)
}

impl Registry {
    fn add(&mut self, mut written: file::Group) -> Result<(), String> {
        if let Some(field) = misplaced(&written) {
            let id = &written.id.value;
            return Err(format!(
                "group `{id}` has `{field}`, which its type has no use for"
            ));
        }
        let group = self.common(&mut written)?;
        match written.group_type {
            GroupType::AttributeGroup => {}
            GroupType::Entity => {
                required(written.name, "name", &group)?;
                self.entities.push(group);
            }
            GroupType::Span => self.spans.push(span(written, group)?),
            GroupType::Event => self.events.push(EventGroup {
                name: required(written.name, "name", &group)?,
                severity: written.annotations.severity,
                outside_trace: written
                    .annotations
                    .outside_trace
                    .unwrap_or(false),
                group,
            }),
            GroupType::Metric => self.metrics.push(MetricGroup {
                name: required(written.metric_name, "metric_name", &group)?,
                instrument: required(written.instrument, "instrument", &group)?
                    .into(),
                unit: required(written.unit, "unit", &group)?,
                group,
            }),
        }
        Ok(())
    }

    fn common(&self, written: &mut file::Group) -> Result<Group, String> {
        let id = written.id.value.clone();
        let is_signal = written.group_type != GroupType::AttributeGroup;
        if is_signal && written.stability.is_none() {
            return Err(format!("group `{id}` needs `stability`"));
        }
        if self.groups().any(|other| other.id == id) {
            return Err(format!("group `{id}` is there twice"));
        }
        let attributes = std::mem::take(&mut written.attributes);
        let attributes = attributes
            .into_iter()
            .map(|attribute| self.attribute(attribute));
        Ok(Group {
            line: written.id.referenced.line(),
            brief: written.brief.trim().to_owned(),
            note: written.note.take().map(|note| note.trim().to_owned()),
            stability: written.stability,
            attributes: attributes.collect(),
            id,
        })
    }

    fn attribute(&self, written: file::Attribute) -> Attribute {
        let (name, line) = match written.id.or(written.reference) {
            Some(name) => (name.value, name.referenced.line()),
            None => (String::new(), 0),
        };
        let own = self.definitions.iter().find(|it| it.name == name);
        let standard = semconv().attribute(&name);
        let example = written.examples.as_ref().map(listed);
        let example = example.or_else(|| own.map(|it| it.examples.clone()));
        let example = example.as_deref().and_then(<[Json]>::first).map(plain);
        let brief = written.brief.as_deref().map(str::trim);
        let brief = brief.or(own.map(|it| it.brief.as_str()));
        let stability = own.and_then(|it| it.stability);
        Attribute {
            value_type: own
                .map(|it| it.value_type.clone())
                .or_else(|| standard.and_then(|it| it.value_type.clone())),
            brief: brief
                .or(standard.map(|it| it.brief))
                .unwrap_or_default()
                .to_owned(),
            example: example.unwrap_or_else(|| {
                standard.map(|it| it.example).unwrap_or_default().to_owned()
            }),
            stability: stability
                .or(standard.map(|it| it.stability))
                .unwrap_or(file::Stability::Development),
            claimed: written.stability,
            level: written.requirement_level,
            required_if: written.annotations.required_if,
            name,
            line,
        }
    }
}

fn span(written: file::Group, group: Group) -> Result<SpanGroup, String> {
    let annotations = written.annotations;
    let name = required(annotations.span_name, "span_name", &group)?;
    Ok(SpanGroup {
        kind: required(written.span_kind, "span_kind", &group)?.into(),
        name: SpanName::parse(name, &group)?,
        events: written.events.unwrap_or_default(),
        parents: annotations.parents,
        links: annotations.links.unwrap_or_default(),
        group,
    })
}

fn required<T>(
    field: Option<T>,
    name: &str,
    group: &Group,
) -> Result<T, String> {
    field.ok_or_else(|| format!("group `{}` needs `{name}`", group.id))
}

/// A field that says nothing on a group of this type.
fn misplaced(group: &file::Group) -> Option<&'static str> {
    use GroupType::{Entity, Event, Metric, Span};
    let notes = &group.annotations;
    let fields: [(bool, &[GroupType], &'static str); 11] = [
        (group.span_kind.is_some(), &[Span], "span_kind"),
        (group.events.is_some(), &[Span], "events"),
        (notes.span_name.is_some(), &[Span], "span_name"),
        (notes.parents.is_some(), &[Span], "parents"),
        (notes.links.is_some(), &[Span], "links"),
        (group.metric_name.is_some(), &[Metric], "metric_name"),
        (group.instrument.is_some(), &[Metric], "instrument"),
        (group.unit.is_some(), &[Metric], "unit"),
        (group.name.is_some(), &[Event, Entity], "name"),
        (notes.severity.is_some(), &[Event], "severity"),
        (notes.outside_trace.is_some(), &[Event], "outside_trace"),
    ];
    fields
        .into_iter()
        .find(|(given, types, _)| *given && !types.contains(&group.group_type))
        .map(|(_, _, name)| name)
}

impl file::Attribute {
    fn line(&self, group: &file::Group) -> u64 {
        let name = self.id.as_ref().or(self.reference.as_ref());
        name.unwrap_or(&group.id).referenced.line()
    }
}

/// The definition in `attribute`; `None` when it refers to another.
fn definition(
    group: &file::Group,
    attribute: &file::Attribute,
) -> Result<Option<Definition>, String> {
    let id = match (&attribute.id, &attribute.reference) {
        (Some(id), None) => id,
        (None, Some(_)) if attribute.value_type.is_none() => return Ok(None),
        (None, Some(name)) => {
            let name = &name.value;
            return Err(format!(
                "`ref: {name}` takes no `type`: its own holds"
            ));
        }
        _ => {
            let id = &group.id.value;
            return Err(format!(
                "an attribute of group `{id}` needs either `id` or `ref`"
            ));
        }
    };
    let lacks = |field| format!("attribute `{}` needs `{field}`", id.value);
    let value_type: Option<Type> = attribute.value_type.clone();
    Ok(Some(Definition {
        name: id.value.clone(),
        group: group.id.value.clone(),
        line: id.referenced.line(),
        value_type: value_type.ok_or_else(|| lacks("type"))?,
        brief: attribute.brief.clone().ok_or_else(|| lacks("brief"))?,
        examples: attribute.examples.as_ref().map(listed).unwrap_or_default(),
        stability: attribute.stability,
    }))
}

/// `examples` is one value or a list of values.
fn listed(examples: &Json) -> Vec<Json> {
    match examples {
        Json::Array(examples) => examples.clone(),
        one => vec![one.clone()],
    }
}

fn plain(example: &Json) -> String {
    match example {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
