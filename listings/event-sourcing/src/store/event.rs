//! Events before and after they are stored.

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector},
    trace::{SpanContext, TraceContextExt},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::FromRow;
use telemetry::Propagator;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{FeedCursor, Head, StreamId, chain::Hash};

/// An event on its way into the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its own id.
    pub event_id: Uuid,
    /// What kind of event.
    pub event_type: &'static str,
    /// Which shape the payload has.
    pub schema_version: i16,
    /// What happened. No fractions: they do not survive every JSON library.
    pub payload: Value,
}

/// Who or what asked for the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The command that led to the events.
    pub command_id: Uuid,
    /// What led to the command: another event, or the command itself.
    pub causation_id: Uuid,
    /// The first cause: all that follows from it carries this id.
    pub correlation_id: Uuid,
    /// The part of the program that acted. Never a person.
    pub actor: &'static str,
}

impl Cause {
    /// A command that comes from outside and begins a story of its own.
    pub fn outside(actor: &'static str) -> Self {
        let command_id = Uuid::now_v7();
        Self {
            command_id,
            causation_id: command_id,
            correlation_id: command_id,
            actor,
        }
    }
}

// ANCHOR: metadata
/// What an event knows about how it came to be. The trace context is that of
/// the span that wrote the event, so a reader can link back to it, a second
/// or a year later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The command that led to the event.
    pub command_id: Uuid,
    /// The event or the command that led to that command.
    pub causation_id: Uuid,
    /// The first cause.
    pub correlation_id: Uuid,
    /// The part of the program that acted.
    pub actor: String,
    /// The context of the writing span (W3C Trace Context).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What vendors added to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
}
// ANCHOR_END: metadata

// ANCHOR: metadata-context
impl Metadata {
    /// The metadata of events that `cause` leads to, written in `context`.
    pub fn new(
        cause: &Cause,
        context: &Context,
        propagator: &Propagator,
    ) -> Self {
        let mut metadata = Self {
            command_id: cause.command_id,
            causation_id: cause.causation_id,
            correlation_id: cause.correlation_id,
            actor: cause.actor.to_owned(),
            ..Self::default()
        };
        propagator.inject_context(context, &mut metadata);
        metadata
    }

    /// The span that wrote the event; invalid if it was not traced.
    pub fn producer(&self, propagator: &Propagator) -> SpanContext {
        let context = propagator.extract_with_context(&Context::new(), self);
        context.span().span_context().clone()
    }
}

// ANCHOR_END: metadata-context

// ANCHOR: metadata-carrier
impl Injector for Metadata {
    fn set(&mut self, key: &str, value: String) {
        match key {
            "traceparent" => self.traceparent = Some(value),
            "tracestate" => self.tracestate = Some(value),
            // Baggage is a caller's, and may be personal: it is not kept.
            _ => {}
        }
    }
}

impl Extractor for Metadata {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent.as_deref(),
            "tracestate" => self.tracestate.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}
// ANCHOR_END: metadata-carrier

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct RecordedEvent {
    /// The transaction that wrote it, for the order of the feed.
    pub tx_id: i64,
    /// Its place within that transaction.
    pub position: i64,
    /// The stream it belongs to.
    pub stream_id: StreamId,
    /// Its place in the stream, from 1.
    pub version: i64,
    /// Its own id.
    pub event_id: Uuid,
    /// What kind of event.
    pub event_type: String,
    /// Which shape the payload has.
    pub schema_version: i16,
    /// What happened, as JSON text.
    pub payload: String,
    /// How it came to be, as JSON text. See [`RecordedEvent::metadata`].
    pub metadata: String,
    /// When, by the clock of the process that wrote it, in microseconds.
    pub recorded_at: OffsetDateTime,
    /// The hash of the event before it in the stream.
    pub prev_hash: Hash,
    /// Its own hash.
    pub hash: Hash,
}

impl RecordedEvent {
    /// Its place in the feed.
    pub fn cursor(&self) -> FeedCursor {
        FeedCursor {
            tx_id: self.tx_id,
            position: self.position,
        }
    }

    /// Names it for people, without its content.
    pub fn label(&self) -> String {
        format!(
            "{} (schema version {}), event {} of stream {}",
            self.event_type, self.schema_version, self.version, self.stream_id,
        )
    }

    /// The head of its stream, when it was the last event.
    pub fn head(&self) -> Head {
        Head {
            version: self.version,
            hash: self.hash,
        }
    }

    /// How it came to be.
    ///
    /// # Errors
    /// When the stored text is not metadata.
    pub fn metadata(&self) -> Result<Metadata, serde_json::Error> {
        serde_json::from_str(&self.metadata)
    }
}
