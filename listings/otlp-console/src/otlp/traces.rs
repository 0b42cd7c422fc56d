//! `ExportTraceServiceRequest` to spans.

use super::{
    Export, Rejected,
    attributes::{attributes, id},
    batch::Reader,
    schema::{self, Schema},
};
use crate::{
    limits::Limits,
    model::{Event, Link, Origin, Span, SpanId, SpanKind, Status, TraceId},
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest,
        ExportTraceServiceResponse,
    },
    trace::v1::{
        Span as ProtoSpan, Status as ProtoStatus,
        span::{Event as ProtoEvent, Link as ProtoLink},
        status::StatusCode,
    },
};

impl Export for ExportTraceServiceRequest {
    type Response = ExportTraceServiceResponse;
    const REJECTED_FIELD: &'static str = "rejectedSpans";
    const SCHEMA: &'static Schema = &schema::TRACES;

    fn most(limits: &Limits) -> usize {
        limits.spans
    }

    fn read(item: &[u8], origin: &Origin, reader: &mut Reader) {
        match reader.decode(item, &schema::SPAN) {
            Ok(proto) => match span(proto, origin) {
                Ok(span) => reader.batch.arrival.spans.push(span),
                Err(invalid) => reader.reject(1, &invalid),
            },
            Err(reason) => reader.reject(1, &format!("a span: {reason}")),
        }
    }

    fn response(rejected: Rejected) -> Self::Response {
        ExportTraceServiceResponse {
            partial_success: rejected.partial(
                |rejected_spans, error_message| ExportTracePartialSuccess {
                    rejected_spans,
                    error_message,
                },
            ),
        }
    }
}

/// Why a span was rejected.
#[derive(Debug, thiserror::Error)]
#[error(
    "span {name:?}: its {field} has {length} bytes; expected {expected}, \
     not all zero"
)]
struct InvalidId {
    name: String,
    field: &'static str,
    length: usize,
    expected: usize,
}

fn span(proto: ProtoSpan, origin: &Origin) -> Result<Span, InvalidId> {
    let invalid = |field, bytes: &[u8], expected| InvalidId {
        name: proto.name.clone(),
        field,
        length: bytes.len(),
        expected,
    };
    let trace_id = id(&proto.trace_id)
        .ok_or_else(|| invalid("trace id", &proto.trace_id, 16))?;
    let span_id = id(&proto.span_id)
        .ok_or_else(|| invalid("span id", &proto.span_id, 8))?;
    let parent = &proto.parent_span_id;
    // Some senders write a root's missing parent as zeros.
    let parent_span_id = match id(parent) {
        None if parent.iter().any(|byte| *byte != 0) => {
            return Err(invalid("parent span id", parent, 8));
        }
        parent => parent,
    };
    let links = proto.links.into_iter().filter_map(link).collect();
    Ok(Span {
        trace_id: TraceId(trace_id),
        span_id: SpanId(span_id),
        parent_span_id: parent_span_id.map(SpanId),
        trace_state: proto.trace_state,
        flags: proto.flags,
        name: proto.name,
        kind: kind(proto.kind),
        start_unix_nano: proto.start_time_unix_nano,
        end_unix_nano: proto.end_time_unix_nano,
        attributes: attributes(proto.attributes),
        events: proto.events.into_iter().map(event).collect(),
        links,
        status: status(proto.status),
        origin: origin.clone(),
    })
}

/// The link, unless it points nowhere: such a link costs nobody the span.
fn link(proto: ProtoLink) -> Option<Link> {
    Some(Link {
        trace_id: TraceId(id(&proto.trace_id)?),
        span_id: SpanId(id(&proto.span_id)?),
        attributes: attributes(proto.attributes),
    })
}

fn event(proto: ProtoEvent) -> Event {
    Event {
        time_unix_nano: proto.time_unix_nano,
        name: proto.name,
        attributes: attributes(proto.attributes),
    }
}

fn kind(number: i32) -> SpanKind {
    match number {
        1 => SpanKind::Internal,
        2 => SpanKind::Server,
        3 => SpanKind::Client,
        4 => SpanKind::Producer,
        5 => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    }
}

fn status(proto: Option<ProtoStatus>) -> Status {
    let proto = proto.unwrap_or_default();
    match StatusCode::try_from(proto.code) {
        Ok(StatusCode::Ok) => Status::Ok,
        Ok(StatusCode::Error) => Status::Error(proto.message),
        Ok(StatusCode::Unset) | Err(_) => Status::Unset,
    }
}
