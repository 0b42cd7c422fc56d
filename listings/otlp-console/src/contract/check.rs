//! Received telemetry against the registry.

use std::collections::HashMap;

use super::{
    Telemetry, attributes,
    problem::Problem,
    registry::{Registry, SpanGroup},
    semconv::semconv,
    violation::{Signal, Violation},
};
use crate::model::{Origin, Span, SpanId, TraceId};

/// Collects violations for one round of checks.
pub(super) struct Check<'a> {
    pub(super) registry: &'a Registry,
    pub(super) spans: HashMap<(TraceId, SpanId), &'a Span>,
    /// The group of each span; none for spans that the registry lacks.
    pub(super) groups: HashMap<(TraceId, SpanId), &'a SpanGroup>,
    pub(super) violations: Vec<Violation>,
}

impl Registry {
    /// Compares telemetry with the registry, and the registry with the
    /// semantic conventions. An empty list means that the contract holds.
    ///
    /// Logs and links are followed to the spans, so pass everything that a
    /// test received, not a part of it.
    pub fn check(&self, telemetry: &Telemetry) -> Vec<Violation> {
        let mut check = Check {
            registry: self,
            spans: HashMap::new(),
            groups: HashMap::new(),
            violations: self.audit(),
        };
        check.origins(telemetry);
        check.spans(&telemetry.spans);
        check.logs(&telemetry.logs);
        check.metrics(&telemetry.metrics);
        check.violations.sort();
        check.violations.dedup();
        check.violations
    }
}

impl Check<'_> {
    pub(super) fn report(
        &mut self,
        signal: Signal,
        item: &str,
        problems: impl IntoIterator<Item = Problem>,
    ) {
        let violations = problems.into_iter().map(|problem| Violation {
            signal,
            item: item.to_owned(),
            problem,
        });
        self.violations.extend(violations);
    }

    /// Resources and scopes.
    fn origins(&mut self, telemetry: &Telemetry) {
        let spans = telemetry.spans.iter().map(|it| (&it.origin, true));
        let metrics = telemetry.metrics.iter().map(|it| (&it.origin, true));
        // The bridge from `tracing` to logs cannot set a schema URL.
        let logs = telemetry.logs.iter().map(|it| (&it.origin, false));
        for (origin, needs_schema) in spans.chain(metrics).chain(logs) {
            self.resource(origin);
            self.scope(origin, needs_schema);
        }
    }

    fn resource(&mut self, origin: &Origin) {
        let item = format!("of {}", origin.service());
        let received = &origin.resource.attributes;
        let mut problems = Vec::new();
        for entity in &self.registry.entities {
            let wrong = attributes::check(received, entity, false);
            problems.extend(wrong.into_iter().filter(|problem| {
                !matches!(problem, Problem::UnknownAttribute { .. })
            }));
        }
        let entities = &self.registry.entities;
        for name in received.keys() {
            if entities.iter().all(|it| it.attribute(name).is_none()) {
                let known = entities.iter().flat_map(|it| &it.attributes);
                let known = known.map(|it| it.name.as_str());
                problems.push(attributes::unknown(
                    name,
                    "the entity groups",
                    known,
                ));
            }
        }
        let schema_url = &origin.resource.schema_url;
        if !schema_url.is_empty() {
            problems.extend(wrong_schema(schema_url));
        }
        self.report(Signal::Resource, &item, problems);
    }

    fn scope(&mut self, origin: &Origin, needs_schema: bool) {
        let schema_url = &origin.scope.schema_url;
        if needs_schema || !schema_url.is_empty() {
            let item =
                format!("`{}` of {}", origin.scope.name, origin.service());
            self.report(Signal::Scope, &item, wrong_schema(schema_url));
        }
    }
}

fn wrong_schema(found: &str) -> Option<Problem> {
    let declared = semconv().schema_url;
    (found != declared).then(|| Problem::Differs {
        property: "the schema URL",
        found: format!("`{found}`"),
        says: "opentelemetry-semantic-conventions says".to_owned(),
        declared: format!("`{declared}`"),
    })
}
