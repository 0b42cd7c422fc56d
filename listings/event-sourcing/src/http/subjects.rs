//! Persons, and their right to be forgotten.

use axum::{extract::State, http::StatusCode};

use super::{
    App,
    openapi::Erasing,
    parameters::Id,
    problem::{Problem, kinds},
};
use crate::domain::SubjectId;

// ANCHOR: erase
/// Erase a person
///
/// The key is gone, and with it every name that it has sealed.
#[utoipa::path(
    delete,
    path = "/subjects/{subject_id}/key",
    tag = "persons",
    params(("subject_id" = Uuid, Path)),
    responses((status = 204, description = "It is gone."), Erasing),
)]
pub(super) async fn erase(
    State(app): State<App>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    match app.vault.erase(SubjectId(id)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::new(&kinds::NO_SUCH_SUBJECT)),
    }
}
// ANCHOR_END: erase
