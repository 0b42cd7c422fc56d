//! An event on its way to other services: the published language.

use std::str::FromStr;

use async_nats::{HeaderMap, HeaderValue, jetstream::message::PublishMessage};
use opentelemetry::{
    Context,
    propagation::Extractor,
    trace::{SpanContext, TraceContextExt},
};
use telemetry::Propagator;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::DESTINATION;
use crate::store::{Metadata, RecordedEvent};

/// By this name JetStream recognises what it has already got.
const MESSAGE_ID: &str = "Nats-Msg-Id";
const EVENT_TYPE: &str = "Event-Type";
const SCHEMA_VERSION: &str = "Schema-Version";
const STREAM_ID: &str = "Stream-Id";
const STREAM_VERSION: &str = "Stream-Version";
const RECORDED_AT: &str = "Recorded-At";
const CORRELATION_ID: &str = "Correlation-Id";

// ANCHOR: outgoing
/// The event as a subject and a message. The payload goes as it was stored:
/// whoever reads it lifts old shapes, as readers of the log do.
///
/// None if its type does not make a subject.
pub fn outgoing(
    event: &RecordedEvent,
    metadata: &Metadata,
) -> Option<(String, PublishMessage)> {
    let event_type = event.event_type.as_str();
    if !event_type.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let at = event.recorded_at.format(&Rfc3339).ok()?;
    let mut headers = HeaderMap::new();
    headers.insert(MESSAGE_ID, event.event_id.to_string());
    headers.insert(EVENT_TYPE, event_type);
    headers.insert(SCHEMA_VERSION, event.schema_version.to_string());
    headers.insert(STREAM_ID, event.stream_id.to_string());
    headers.insert(STREAM_VERSION, event.version.to_string());
    headers.insert(RECORDED_AT, at);
    headers.insert(CORRELATION_ID, metadata.correlation_id.to_string());
    // The span that wrote the event made the message. Ours only carries it.
    for name in ["traceparent", "tracestate"] {
        let value = metadata.get(name).map(HeaderValue::from_str);
        if let Some(Ok(value)) = value {
            headers.insert(name, value);
        }
    }
    let message = PublishMessage::build()
        .headers(headers)
        .payload(event.payload.clone().into());
    Some((format!("{DESTINATION}.{event_type}"), message))
}
// ANCHOR_END: outgoing

/// The first thing about a message that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has no usable {0}")]
pub struct Malformed(pub &'static str);

/// A message that has come in. Each part is looked at when it is needed: who
/// does not care about a type does not care how its messages look.
#[derive(Debug)]
pub struct Received<'a>(pub &'a async_nats::Message);

impl Received<'_> {
    /// The event's own id.
    ///
    /// # Errors
    /// When there is none.
    pub fn event_id(&self) -> Result<Uuid, Malformed> {
        self.parsed(MESSAGE_ID)
    }

    /// What kind of event.
    ///
    /// # Errors
    /// When it does not say.
    pub fn event_type(&self) -> Result<&str, Malformed> {
        self.text(EVENT_TYPE).ok_or(Malformed(EVENT_TYPE))
    }

    /// Which shape the payload has.
    ///
    /// # Errors
    /// When it does not say.
    pub fn schema_version(&self) -> Result<i16, Malformed> {
        self.parsed(SCHEMA_VERSION)
    }

    /// What happened, as JSON text.
    ///
    /// # Errors
    /// When it is not text.
    pub fn payload(&self) -> Result<&str, Malformed> {
        str::from_utf8(&self.0.payload).map_err(|_| Malformed("payload"))
    }
}

impl Received<'_> {
    /// When it happened.
    ///
    /// # Errors
    /// When it does not say.
    pub fn recorded_at(&self) -> Result<OffsetDateTime, Malformed> {
        let text = self.text(RECORDED_AT).unwrap_or_default();
        OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|_| Malformed(RECORDED_AT))
    }

    /// The first cause, to be found again in the spans of all services.
    pub fn correlation_id(&self) -> Option<Uuid> {
        self.parsed(CORRELATION_ID).ok()
    }

    /// The span that wrote the event; invalid if it was not traced.
    pub fn producer(&self, propagator: &Propagator) -> SpanContext {
        let context = propagator.extract_with_context(&Context::new(), self);
        context.span().span_context().clone()
    }

    fn parsed<T: FromStr>(&self, name: &'static str) -> Result<T, Malformed> {
        let value = self.text(name).and_then(|text| text.parse().ok());
        value.ok_or(Malformed(name))
    }

    fn text(&self, name: &str) -> Option<&str> {
        let headers = self.0.headers.as_ref()?;
        headers.get(name).map(HeaderValue::as_str)
    }
}

impl Extractor for Received<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.text(key)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}
