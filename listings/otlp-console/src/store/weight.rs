//! Estimates of the memory that telemetry takes, in bytes.

use crate::model::{
    Attributes, Event, Link, LogRecord, Metric, Number, Origin, Point,
    Resource, Scope, Span, SpanId, Value,
};
use std::{mem::size_of, sync::Arc};

/// A B-tree node has room for 11 entries and is about half full.
const ENTRIES_PER_NODE: usize = 6;
const NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + 16;

/// One attribute's share of a node, whatever its name and value hold.
pub(crate) const ATTRIBUTE: usize =
    NODE / ENTRIES_PER_NODE - size_of::<Value>();

pub(super) fn of_span(span: &Span) -> usize {
    let events = span.events.iter().map(|event| {
        size_of::<Event>() + event.name.len() + of(&event.attributes)
    });
    let links = span
        .links
        .iter()
        .map(|link| size_of::<Link>() + of(&link.attributes));
    let index = size_of::<(SpanId, usize)>() * 2;
    size_of::<Span>()
        + index
        + span.name.len()
        + span.trace_state.len()
        + of(&span.attributes)
        + events.sum::<usize>()
        + links.sum::<usize>()
}

pub(super) fn of_log(log: &LogRecord) -> usize {
    size_of::<LogRecord>()
        + log.severity_text.len()
        + log.event_name.len()
        + of_value(&log.body)
        + of(&log.attributes)
}

pub(super) fn of_metric(metric: &Metric) -> usize {
    let points = metric.points.iter().map(|point| {
        let buckets = match &point.value {
            Number::Distribution {
                bounds, buckets, ..
            } => 8 * (bounds.len() + buckets.len()),
            Number::Int(_) | Number::Double(_) => 0,
        };
        size_of::<Point>() + of(&point.attributes) + buckets
    });
    size_of::<Metric>()
        + metric.name.len()
        + metric.unit.len()
        + metric.description.len()
        + points.sum::<usize>()
}

/// The resource and scope of an item, unless the item before it has the same.
/// Shared among all items of a batch, they would weigh next to nothing in the
/// last one that is held.
pub(super) fn news(last: Option<&Origin>, origin: &Origin) -> usize {
    let Origin { resource, scope } = origin;
    let mut bytes = 0;
    if !last.is_some_and(|last| Arc::ptr_eq(&last.resource, resource)) {
        bytes += size_of::<Resource>()
            + of(&resource.attributes)
            + resource.schema_url.len();
    }
    if !last.is_some_and(|last| Arc::ptr_eq(&last.scope, scope)) {
        bytes += size_of::<Scope>()
            + scope.name.len()
            + scope.version.len()
            + scope.schema_url.len();
    }
    bytes
}

fn of(attributes: &Attributes) -> usize {
    let heap = attributes
        .iter()
        .map(|(name, value)| name.len() + of_value(value));
    attributes.len().div_ceil(ENTRIES_PER_NODE) * NODE + heap.sum::<usize>()
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Array(values) => {
            let held = values
                .iter()
                .map(|value| size_of::<Value>() + of_value(value));
            held.sum()
        }
        Value::Map(values) => of(values),
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
    }
}
