//! The registry against the semantic conventions.

use super::{
    file::{Level, Stability},
    metrics::{instrument_name, is_unbounded},
    problem::{Problem, did_you_mean, quoted},
    registry::{Attribute, Definition, Group, MetricGroup, Registry},
    semconv::{namespace, semconv},
    value_type::Type,
    violation::{Signal, Violation},
};
use crate::model::Value;

/// Groups called `registry.NAMESPACE` define the attributes of a namespace.
const DEFINING: &str = "registry.";

impl Registry {
    /// Compares the registry itself with the semantic conventions, and checks
    /// what a test of telemetry cannot see. [`Registry::check`] includes it.
    pub fn audit(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        let mut report = |line: u64, problems: Vec<Problem>| {
            let item = format!("{}:{line}", self.path.display());
            violations.extend(problems.into_iter().map(|problem| Violation {
                signal: Signal::Registry,
                item: item.clone(),
                problem,
            }));
        };
        report(1, self.manifest().into_iter().collect());
        for definition in &self.definitions {
            report(definition.line, self.definition(definition));
        }
        for group in self.groups() {
            for attribute in &group.attributes {
                report(attribute.line, self.reference(attribute));
            }
        }
        for metric in &self.metrics {
            report(metric.group.line, self.metric(metric));
            for attribute in &metric.group.attributes {
                report(attribute.line, bound(attribute));
            }
        }
        for (group, field, name) in self.relations() {
            let name = name.to_owned();
            report(group.line, vec![Problem::UnknownGroup { name, field }]);
        }
        violations
    }

    fn manifest(&self) -> Option<Problem> {
        let schema_url = semconv().schema_url;
        let found = match &self.dependencies {
            None => "there is none".to_owned(),
            Some(urls) if urls.iter().any(|url| url == schema_url) => {
                return None;
            }
            Some(urls) => format!("it depends on {}", quoted(urls)),
        };
        Some(Problem::Manifest { schema_url, found })
    }

    fn definition(&self, definition: &Definition) -> Vec<Problem> {
        let name = || definition.name.clone();
        let mut problems = self.naming(&definition.name);
        let mut others = self.definitions.iter();
        if others
            .find(|it| it.name == definition.name)
            .map(|it| it.line)
            != Some(definition.line)
        {
            problems.push(Problem::DefinedTwice { name: name() });
        }
        let mut used = self.groups().flat_map(|group| &group.attributes);
        if !used.any(|attribute| attribute.name == definition.name) {
            problems.push(Problem::Unused { name: name() });
        }
        let needs_example =
            matches!(definition.value_type, Type::String | Type::Strings);
        if needs_example && definition.examples.is_empty() {
            let what = "`examples`";
            problems.push(Problem::Incomplete { name: name(), what });
        }
        if definition.stability.is_none() {
            let what = "`stability`";
            problems.push(Problem::Incomplete { name: name(), what });
        }
        for example in &definition.examples {
            if !definition.value_type.admits(&as_value(example)) {
                problems.push(Problem::WrongExample {
                    name: name(),
                    example: example.to_string(),
                    declared: definition.value_type.to_string(),
                });
            }
        }
        problems
    }

    /// An own name keeps to the namespaces that the registry claims.
    fn naming(&self, name: &str) -> Vec<Problem> {
        if semconv().owns_namespace_of(name) {
            return vec![Problem::ShadowsSemconv {
                name: name.to_owned(),
                namespace: namespace(name).to_owned(),
            }];
        }
        let groups = self.definitions.iter().map(|it| it.group.as_str());
        let mut own: Vec<String> = groups
            .filter_map(|group| group.strip_prefix(DEFINING))
            .map(|namespace| format!("{namespace}."))
            .collect();
        own.sort();
        own.dedup();
        if own.iter().any(|prefix| name.starts_with(prefix)) {
            return Vec::new();
        }
        let prefix = if own.is_empty() {
            "the namespace of a group `registry.NAMESPACE`".to_owned()
        } else {
            quoted(own)
        };
        vec![Problem::OutsidePrefix {
            name: name.to_owned(),
            prefix,
        }]
    }

    fn reference(&self, attribute: &Attribute) -> Vec<Problem> {
        let name = attribute.name.clone();
        if !attribute.is_defined(&self.definitions) {
            let own = self.definitions.iter().map(|it| it.name.as_str());
            let known = own.chain(semconv().attributes.keys().copied());
            let hint = did_you_mean(&name, known);
            return vec![Problem::UnknownRef { name, hint }];
        }
        let mut problems = Vec::new();
        if let Some(standard) = semconv().attribute(&name)
            && !standard.deprecated.is_empty()
        {
            let note = standard.deprecated.to_owned();
            problems.push(Problem::DeprecatedRef { name, note });
        }
        if let Some(claimed) = attribute.claimed
            && claimed != attribute.stability
        {
            problems.push(stability(claimed, attribute.stability));
        }
        problems
    }

    fn metric(&self, metric: &MetricGroup) -> Vec<Problem> {
        let Some(standard) = semconv().metrics.get(metric.name.as_str()) else {
            return self.naming(&metric.name);
        };
        let instrument = instrument_name(metric.instrument);
        let properties = [
            ("the instrument", instrument, standard.instrument),
            ("the unit", metric.unit.as_str(), standard.unit),
        ];
        let mut problems: Vec<_> = properties
            .into_iter()
            .filter(|(_, found, declared)| found != declared)
            .map(|(property, found, declared)| Problem::Differs {
                property,
                found: format!("`{found}`"),
                says: format!("of `{}` the conventions say", metric.name),
                declared: format!("`{declared}`"),
            })
            .collect();
        if let Some(claimed) = metric.group.stability
            && claimed != standard.stability
        {
            problems.push(stability(claimed, standard.stability));
        }
        for name in &standard.required {
            let declared = metric.group.attribute(name);
            if declared.is_none_or(|it| it.level != Level::Required) {
                problems.push(Problem::Missing {
                    name: (*name).to_owned(),
                    group: format!("`{}`", metric.name),
                    when: " in the semantic conventions",
                });
            }
        }
        problems
    }

    /// Every id of a group that some group names and that is not there.
    fn relations(&self) -> Vec<(&Group, &'static str, &str)> {
        let is_event =
            |id: &str| self.events.iter().any(|it| it.group.id == id);
        let is_span = |id: &str| self.spans.iter().any(|it| it.group.id == id);
        let mut missing = Vec::new();
        for span in &self.spans {
            let events = span.events.iter().filter(|id| !is_event(id));
            missing.extend(events.map(|id| (&span.group, "events", id)));
            let parents = span.parents.iter().flatten().filter(|id| {
                !is_span(id) && !matches!(id.as_str(), "root" | "remote")
            });
            missing.extend(parents.map(|id| (&span.group, "parents", id)));
            let links = span.links.iter();
            let links = links.filter(|id| !is_span(id) && *id != "remote");
            missing.extend(links.map(|id| (&span.group, "links", id)));
        }
        missing
            .into_iter()
            .map(|(group, field, id)| (group, field, id.as_str()))
            .collect()
    }
}

fn bound(attribute: &Attribute) -> Vec<Problem> {
    let name = attribute.name.clone();
    match is_unbounded(&name) {
        true => vec![Problem::UnboundedOnMetric { name }],
        false => Vec::new(),
    }
}

fn stability(claimed: Stability, actual: Stability) -> Problem {
    Problem::Differs {
        property: "the stability",
        found: claimed.as_str().to_owned(),
        says: "its definition says".to_owned(),
        declared: actual.as_str().to_owned(),
    }
}

fn as_value(example: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match example {
        Json::Null => Value::Empty,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Value::Int(value),
            (None, Some(value)) => Value::Double(value),
            (None, None) => Value::Empty,
        },
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(items) => {
            Value::Array(items.iter().map(as_value).collect())
        }
        Json::Object(_) => Value::Map(Default::default()),
    }
}
