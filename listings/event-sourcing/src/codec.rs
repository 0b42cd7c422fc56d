//! Between what the domain says and what the log keeps.

mod upcast;

use serde_json::Value;
use uuid::Uuid;

use crate::{
    domain::AccountEvent,
    store::{EventToFold, NewEvent, RecordedEvent, StreamId},
};
pub use upcast::{IncompleteChain, check_chains, current_version};

/// A stored event that this program does not understand. It is never
/// skipped: an account without one of its events is another account.
#[derive(Debug, thiserror::Error)]
#[error(
    "event {version} of stream {stream} ({event_type}, schema version \
     {schema_version}) cannot be read: {reason}"
)]
pub struct DecodeError {
    /// The stream.
    pub stream: StreamId,
    /// Which of its events.
    pub version: i64,
    /// What kind of event it says it is.
    pub event_type: String,
    /// Which shape it says it has.
    pub schema_version: i16,
    /// What is wrong, without any of its content.
    pub reason: Unreadable,
}

/// What is wrong with a stored event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No event of this program has this type.
    #[error("the type is unknown")]
    UnknownType,
    /// The shape is newer than this program.
    #[error("the schema version is newer than this program")]
    TooNew,
    /// The payload does not have its shape.
    #[error("the payload does not have the shape of its schema version")]
    Malformed,
}

// ANCHOR: encode
/// The event as it will be stored, with an id of its own.
pub fn encode(event: &AccountEvent) -> NewEvent {
    let event_type = event.event_type();
    // serde writes {"MoneyDeposited": {…}}; the log keeps name and payload
    // in columns of their own.
    let payload = match serde_json::to_value(event) {
        Ok(Value::Object(mut named)) => {
            named.remove(event_type).unwrap_or_default()
        }
        _ => Value::Null,
    };
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type,
        schema_version: current_version(event_type).unwrap_or(1),
        payload,
    }
}
// ANCHOR_END: encode

// ANCHOR: decode
/// The event that was stored, whatever shape it had at the time.
///
/// # Errors
/// When this program does not know the type, the version or the shape.
pub fn decode(event: &RecordedEvent) -> Result<AccountEvent, DecodeError> {
    let (event_type, schema) = (&event.event_type, event.schema_version);
    read(event_type, schema, &event.payload).map_err(|reason| DecodeError {
        stream: event.stream_id,
        version: event.version,
        event_type: event_type.clone(),
        schema_version: schema,
        reason,
    })
}
// ANCHOR_END: decode

/// The same, of a stream that is read to be folded.
///
/// # Errors
/// As for [`decode`].
pub fn decode_to_fold(
    stream: StreamId,
    event: &EventToFold,
) -> Result<AccountEvent, DecodeError> {
    let (event_type, schema) = (&event.event_type, event.schema_version);
    read(event_type, schema, &event.payload).map_err(|reason| DecodeError {
        stream,
        version: event.head.version,
        event_type: event_type.clone(),
        schema_version: schema,
        reason,
    })
}

// ANCHOR: read
/// The same, for an event that has come by another way than the log.
///
/// # Errors
/// When this program does not know the type, the version or the shape.
pub fn read(
    event_type: &str,
    schema_version: i16,
    payload: &str,
) -> Result<AccountEvent, Unreadable> {
    let current = current_version(event_type).ok_or(Unreadable::UnknownType)?;
    let malformed = |_| Unreadable::Malformed;
    if schema_version == current {
        let named = format!("{{\"{event_type}\":{payload}}}");
        return serde_json::from_str(&named).map_err(malformed);
    }
    let old = serde_json::from_str(payload).map_err(malformed)?;
    let payload = upcast::upcast(event_type, schema_version, old)?;
    let named = serde_json::json!({ event_type: payload });
    serde_json::from_value(named).map_err(malformed)
}
// ANCHOR_END: read
