//! The feed of all events, for other programs to follow.

use std::{fmt, str::FromStr};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use opentelemetry::Context;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    App,
    openapi::Following,
    pages::{self, EventView},
    parameters::Parameters,
    problem::{Problem, kinds},
};
use crate::store::FeedCursor;

/// Where to read on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Place {
    /// The `next_cursor` of an earlier page; the beginning, if absent.
    cursor: Option<String>,
    /// How many events at most; 100, if absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Events of all accounts, in an order that never changes.
#[derive(Serialize, ToSchema)]
pub(super) struct FeedPage {
    events: Vec<EventView>,
    /// Where to read on, now or later.
    next_cursor: String,
}

/// Read the events of all accounts
#[utoipa::path(
    get,
    path = "/feed",
    tag = "history",
    params(Place),
    responses(
        (
            status = 200,
            description = "A page.",
            body = FeedPage,
            headers((
                "Link" = String,
                description = "The next page, if there is one by now."
            )),
        ),
        Following,
    ),
)]
// ANCHOR: feed
pub(super) async fn feed(
    State(app): State<App>,
    Parameters(place): Parameters<Place>,
) -> Result<Response, Problem> {
    let limit = pages::limit(place.limit)?;
    let start = || Ok(Cursor(FeedCursor::START));
    let Cursor(from) =
        place.cursor.as_deref().map_or_else(start, str::parse)?;
    let (events, query) = app.store.feed(from, limit + 1).await?;
    // A subscriber asks all the time; this client has asked once.
    query.tell(&app.database, &Context::current());
    let last = events.get(limit as usize - 1).or(events.last());
    let next_cursor = Cursor(last.map_or(from, |event| event.cursor()));
    let next_cursor = next_cursor.to_string();
    let (events, more) = pages::page(events, limit)?;
    let next = format!("/feed?cursor={next_cursor}&limit={limit}");
    let page = FeedPage {
        events,
        next_cursor,
    };
    Ok((pages::link(more, &next), Json(page)).into_response())
}
// ANCHOR_END: feed

// ANCHOR: cursor
/// A place in the feed as clients see it: a word that means nothing to them.
#[derive(Debug, PartialEq, Eq)]
struct Cursor(FeedCursor);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = format!("{}:{}", self.0.tx_id, self.0.position);
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(place))
    }
}

impl FromStr for Cursor {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let place = || {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
            let place = String::from_utf8(bytes).ok()?;
            let (tx_id, position) = place.split_once(':')?;
            let cursor = Self(FeedCursor {
                tx_id: tx_id.parse().ok()?,
                position: position.parse().ok()?,
            });
            (cursor.to_string() == text).then_some(cursor)
        };
        place().ok_or_else(|| {
            Problem::new(&kinds::MALFORMED_QUERY)
                .detail("cursor is the next_cursor of an earlier page.")
        })
    }
}
// ANCHOR_END: cursor
