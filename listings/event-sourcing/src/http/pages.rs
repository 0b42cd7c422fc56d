//! Pages of events.

use axum::http::{HeaderName, HeaderValue, header::LINK};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answers::header, errors::internal, parameters::number, problem::Problem,
};
use crate::store::{Metadata, RecordedEvent};

/// Events on a page, if the client does not say how many.
const USUAL: i64 = 100;

/// Events on a page at most.
const MOST: i64 = 500;

/// How many events the client wants.
pub(super) fn limit(wanted: Option<i64>) -> Result<i64, Problem> {
    number(wanted, USUAL, "limit", (1, MOST))
}

// ANCHOR: event-view
/// An event, as it is stored.
#[derive(Serialize, ToSchema)]
pub(super) struct EventView {
    /// The account that it happened to.
    account_id: Uuid,
    /// Its number among the events of the account.
    version: i64,
    event_id: Uuid,
    #[serde(rename = "type")]
    event_type: String,
    /// Which shape the payload has: as it was written, not as it is today.
    schema_version: i16,
    #[schema(value_type = Object)]
    payload: Value,
    /// What led to it, and the trace in which it was written.
    #[schema(value_type = Object)]
    metadata: Metadata,
    #[serde(with = "time::serde::rfc3339")]
    recorded_at: OffsetDateTime,
}

impl EventView {
    fn new(event: RecordedEvent) -> Result<Self, serde_json::Error> {
        Ok(Self {
            payload: serde_json::from_str(&event.payload)?,
            metadata: event.metadata()?,
            account_id: event.stream_id,
            version: event.version,
            event_id: event.event_id,
            event_type: event.event_type,
            schema_version: event.schema_version,
            recorded_at: event.recorded_at,
        })
    }
}
// ANCHOR_END: event-view

/// Up to `limit` of `events`, and whether there are more: whoever reads a page
/// asks for one event too many.
pub(super) fn page(
    mut events: Vec<RecordedEvent>,
    limit: i64,
) -> Result<(Vec<EventView>, bool), Problem> {
    let more = events.len() as i64 > limit;
    events.truncate(limit as usize);
    let views = events.into_iter().map(EventView::new);
    let views: Result<_, _> = views.collect();
    Ok((views.map_err(|error| internal(&error))?, more))
}

/// A `Link` header to the next page, while there is one (RFC 8288).
pub(super) fn link(
    more: bool,
    next: &str,
) -> Option<[(HeaderName, HeaderValue); 1]> {
    more.then(|| [(LINK, header(format!("<{next}>; rel=\"next\"")))])
}
