//! Spans and logs back to OTLP messages.

use crate::model::{
    Attributes, Event, Link, LogRecord, Origin, Span, SpanId, Status, TraceId,
    Value,
};
use opentelemetry_proto::tonic::{
    common::v1::{
        AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList,
        any_value::Value as ProtoValue,
    },
    logs::v1::{LogRecord as ProtoRecord, LogsData, ResourceLogs, ScopeLogs},
    resource::v1::Resource as ProtoResource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span as ProtoSpan, Status as ProtoStatus,
        TracesData,
        span::{Event as ProtoEvent, Link as ProtoLink},
        status::StatusCode,
    },
};

/// A message that holds one span.
pub(crate) fn span(span: &Span) -> TracesData {
    let Origin { resource, scope } = &span.origin;
    let scope_spans = vec![ScopeSpans {
        scope: Some(proto_scope(&span.origin)),
        spans: vec![proto_span(span)],
        schema_url: scope.schema_url.clone(),
    }];
    let resource_spans = vec![ResourceSpans {
        resource: Some(proto_resource(&span.origin)),
        scope_spans,
        schema_url: resource.schema_url.clone(),
    }];
    TracesData { resource_spans }
}

/// A message that holds one log record.
pub(crate) fn log(log: &LogRecord) -> LogsData {
    let Origin { resource, scope } = &log.origin;
    let scope_logs = vec![ScopeLogs {
        scope: Some(proto_scope(&log.origin)),
        log_records: vec![proto_log(log)],
        schema_url: scope.schema_url.clone(),
    }];
    let resource_logs = vec![ResourceLogs {
        resource: Some(proto_resource(&log.origin)),
        scope_logs,
        schema_url: resource.schema_url.clone(),
    }];
    LogsData { resource_logs }
}

fn proto_span(span: &Span) -> ProtoSpan {
    ProtoSpan {
        trace_id: span.trace_id.0.to_vec(),
        span_id: span.span_id.0.to_vec(),
        parent_span_id: span_id(span.parent_span_id),
        trace_state: span.trace_state.clone(),
        flags: span.flags,
        name: span.name.clone(),
        // The kinds are in the order of their numbers.
        kind: span.kind as i32,
        start_time_unix_nano: span.start_unix_nano,
        end_time_unix_nano: span.end_unix_nano,
        attributes: pairs(&span.attributes),
        events: span.events.iter().map(proto_event).collect(),
        links: span.links.iter().map(proto_link).collect(),
        status: proto_status(&span.status),
        ..ProtoSpan::default()
    }
}

fn proto_event(event: &Event) -> ProtoEvent {
    ProtoEvent {
        time_unix_nano: event.time_unix_nano,
        name: event.name.clone(),
        attributes: pairs(&event.attributes),
        ..ProtoEvent::default()
    }
}

fn proto_link(link: &Link) -> ProtoLink {
    ProtoLink {
        trace_id: link.trace_id.0.to_vec(),
        span_id: link.span_id.0.to_vec(),
        attributes: pairs(&link.attributes),
        ..ProtoLink::default()
    }
}

fn proto_status(status: &Status) -> Option<ProtoStatus> {
    let (code, message) = match status {
        Status::Unset => return None,
        Status::Ok => (StatusCode::Ok, String::new()),
        Status::Error(message) => (StatusCode::Error, message.clone()),
    };
    Some(ProtoStatus {
        code: code as i32,
        message,
    })
}

fn proto_log(log: &LogRecord) -> ProtoRecord {
    ProtoRecord {
        time_unix_nano: log.time_unix_nano,
        severity_number: log.severity_number,
        severity_text: log.severity_text.clone(),
        event_name: log.event_name.clone(),
        body: Some(any(&log.body)),
        attributes: pairs(&log.attributes),
        trace_id: trace_id(log.trace_id),
        span_id: span_id(log.span_id),
        ..ProtoRecord::default()
    }
}

fn trace_id(id: Option<TraceId>) -> Vec<u8> {
    id.map(|id| id.0.to_vec()).unwrap_or_default()
}

fn span_id(id: Option<SpanId>) -> Vec<u8> {
    id.map(|id| id.0.to_vec()).unwrap_or_default()
}

fn proto_resource(origin: &Origin) -> ProtoResource {
    ProtoResource {
        attributes: pairs(&origin.resource.attributes),
        ..ProtoResource::default()
    }
}

fn proto_scope(origin: &Origin) -> InstrumentationScope {
    InstrumentationScope {
        name: origin.scope.name.clone(),
        version: origin.scope.version.clone(),
        ..InstrumentationScope::default()
    }
}

fn pairs(attributes: &Attributes) -> Vec<KeyValue> {
    let pairs = attributes.iter().map(|(key, value)| KeyValue {
        key: key.clone(),
        value: Some(any(value)),
        ..KeyValue::default()
    });
    pairs.collect()
}

fn any(value: &Value) -> AnyValue {
    let value = match value {
        Value::Empty => None,
        Value::Str(text) => Some(ProtoValue::StringValue(text.clone())),
        Value::Bool(truth) => Some(ProtoValue::BoolValue(*truth)),
        Value::Int(number) => Some(ProtoValue::IntValue(*number)),
        Value::Double(number) => Some(ProtoValue::DoubleValue(*number)),
        Value::Bytes(bytes) => Some(ProtoValue::BytesValue(bytes.clone())),
        Value::Array(values) => {
            let values = values.iter().map(any).collect();
            Some(ProtoValue::ArrayValue(ArrayValue { values }))
        }
        Value::Map(values) => {
            let values = pairs(values);
            Some(ProtoValue::KvlistValue(KeyValueList { values }))
        }
    };
    AnyValue { value }
}
