//! What the registry declares and no test emitted.

use super::{
    Telemetry,
    registry::{Group, Registry},
    violation::Unseen,
};
use crate::model::{Attributes, Value};

impl Registry {
    /// Lists every span name, event, metric, attribute and enumeration member
    /// that the registry declares and that `telemetry` does not show.
    ///
    /// Pass what all tests of a listing received together. An empty list
    /// means that the tables show nothing that does not exist.
    pub fn unseen(&self, telemetry: &Telemetry) -> Vec<Unseen> {
        let mut unseen = Vec::new();
        unseen.extend(self.unseen_spans(telemetry));
        unseen.extend(self.unseen_events(telemetry));
        unseen.extend(self.unseen_metrics(telemetry));
        unseen.extend(self.unseen_entities(telemetry));
        unseen
    }
}

impl Registry {
    fn unseen_spans(&self, telemetry: &Telemetry) -> Vec<Unseen> {
        let mut unseen = Vec::new();
        for group in &self.spans {
            let id = &group.group.id;
            let own = |span: &&crate::model::Span| {
                self.span_group(span).is_some_and(|it| it.group.id == *id)
            };
            let spans: Vec<_> = telemetry.spans.iter().filter(own).collect();
            let received = spans.iter().map(|span| &span.attributes);
            let item = format!("any {} span", group.kind);
            unseen.extend(group.group.unseen(&item, received));
            if !spans.is_empty() {
                let names = group.name.names.iter();
                let missing = names
                    .filter(|name| spans.iter().all(|it| it.name != **name));
                unseen.extend(
                    missing.map(|it| group.group.never(format!("span `{it}`"))),
                );
            }
        }
        unseen
    }

    fn unseen_events(&self, telemetry: &Telemetry) -> Vec<Unseen> {
        let mut unseen = Vec::new();
        for group in &self.events {
            let logs = telemetry.logs.iter();
            let logs = logs.filter(|log| log.event_name == group.name);
            let events = telemetry.spans.iter().flat_map(|span| &span.events);
            let events = events.filter(|event| event.name == group.name);
            let received = logs
                .map(|log| &log.attributes)
                .chain(events.map(|event| &event.attributes));
            let item = format!("event `{}`", group.name);
            unseen.extend(group.group.unseen(&item, received));
        }
        unseen
    }

    fn unseen_metrics(&self, telemetry: &Telemetry) -> Vec<Unseen> {
        let mut unseen = Vec::new();
        for group in &self.metrics {
            let metrics = telemetry.metrics.iter();
            let metrics = metrics.filter(|it| it.name == group.name);
            let points = metrics.flat_map(|it| &it.points);
            let received = points.map(|point| &point.attributes);
            let item = format!("metric `{}`", group.name);
            unseen.extend(group.group.unseen(&item, received));
        }
        unseen
    }

    fn unseen_entities(&self, telemetry: &Telemetry) -> Vec<Unseen> {
        let spans = telemetry.spans.iter().map(|it| &it.origin);
        let logs = telemetry.logs.iter().map(|it| &it.origin);
        let metrics = telemetry.metrics.iter().map(|it| &it.origin);
        let resources: Vec<_> = spans
            .chain(logs)
            .chain(metrics)
            .map(|origin| &origin.resource.attributes)
            .collect();
        let entities = self.entities.iter();
        entities
            .flat_map(|group| {
                group.unseen("any resource", resources.iter().copied())
            })
            .collect()
    }
}

impl Group {
    fn never(&self, what: String) -> Unseen {
        Unseen {
            group: self.id.clone(),
            what,
        }
    }

    /// Attributes and members that no set in `received` has; without any
    /// set, the `item` itself.
    fn unseen<'a>(
        &self,
        item: &str,
        received: impl Iterator<Item = &'a Attributes>,
    ) -> Vec<Unseen> {
        let mut received = received.peekable();
        if received.peek().is_none() {
            return vec![self.never(item.to_owned())];
        }
        let received: Vec<(&String, &Value)> = received.flatten().collect();
        let mut unseen = Vec::new();
        for attribute in &self.attributes {
            let name = &attribute.name;
            let mut values = received
                .iter()
                .filter(|(name, _)| attribute.covers(name))
                .map(|(_, value)| *value)
                .peekable();
            if values.peek().is_none() {
                unseen.push(self.never(format!("attribute `{name}`")));
                continue;
            }
            let values: Vec<_> = values.collect();
            let members = attribute.value_type.iter();
            for member in members.flat_map(|it| it.members()) {
                if !values.iter().any(|value| member.is(value)) {
                    let what = format!("`{member}` in `{name}`");
                    unseen.push(self.never(what));
                }
            }
        }
        unseen
    }
}
