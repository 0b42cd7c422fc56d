//! Transfers that are held, for the operator.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App,
    openapi::{Operating, Releasing},
    parameters::Id,
    problem::{Problem, kinds},
};
use crate::transfers::HeldTransfer;

/// A transfer that did not come to its end at once.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldView {
    /// The event that sent the money.
    event_id: Uuid,
    /// The account that sent it.
    account_id: Uuid,
    /// The account's version with that event.
    version: i64,
    /// `waiting`, to be tried again by itself, or `parked`.
    state: String,
    /// What is wrong, in a word.
    reason: String,
    /// How often it was tried since it was held or released.
    attempts: i32,
    #[serde(with = "time::serde::rfc3339")]
    held_since: OffsetDateTime,
}

impl From<HeldTransfer> for HeldView {
    fn from(held: HeldTransfer) -> Self {
        Self {
            event_id: held.event_id,
            account_id: held.stream_id,
            version: held.version,
            state: held.state,
            reason: held.reason,
            attempts: held.attempts,
            held_since: held.held_since,
        }
    }
}

/// Transfers that are held.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldList {
    transfers: Vec<HeldView>,
}

/// See which transfers are held
///
/// Up to 500: the parked ones first, the oldest before the younger.
#[utoipa::path(
    get,
    path = "/admin/transfers",
    tag = "operation",
    responses(
        (status = 200, description = "Those.", body = HeldList),
        Operating,
    ),
)]
pub(super) async fn list(
    State(app): State<App>,
) -> Result<Json<HeldList>, Problem> {
    let held = app.projections.transfers().held().await?;
    let transfers = held.into_iter().map(HeldView::from).collect();
    Ok(Json(HeldList { transfers }))
}

/// A transfer that is tried again.
#[derive(Serialize, ToSchema)]
pub(super) struct Release {
    event_id: Uuid,
}

// ANCHOR: release
/// Try a transfer again that is held
///
/// For one that is parked, when its cause is gone. It ends once, however
/// often it is released.
#[utoipa::path(
    post,
    path = "/admin/transfers/{event_id}/release",
    tag = "operation",
    params(("event_id" = Uuid, Path)),
    responses(
        (status = 202, description = "It is due now.", body = Release),
        Releasing,
    ),
)]
pub(super) async fn release(
    State(app): State<App>,
    Id(event_id): Id,
) -> Result<(StatusCode, Json<Release>), Problem> {
    match app.projections.transfers().release(event_id).await? {
        true => Ok((StatusCode::ACCEPTED, Json(Release { event_id }))),
        false => Err(Problem::new(&kinds::NOT_HELD)),
    }
}
// ANCHOR_END: release
