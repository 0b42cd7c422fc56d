//! Whether the program is alive, and whether it has something to say.

use axum::{extract::State, http::StatusCode};
use tokio::task::spawn_blocking;

use super::{
    App,
    openapi::Probing,
    problem::{Problem, kinds},
};
use crate::etl;

/// See whether the program runs
///
/// If not, start it again.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "operation",
    responses((status = 204, description = "It does.")),
)]
pub(super) async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// See whether there is something to ask about
///
/// If not, send no questions yet.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "operation",
    responses((status = 204, description = "There is."), Probing),
)]
pub(super) async fn ready(
    State(app): State<App>,
) -> Result<StatusCode, Problem> {
    let looked = spawn_blocking(move || etl::current(&app.results)).await;
    let looked = looked.map_err(|_| Problem::new(&kinds::INTERNAL))??;
    match looked {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Problem::new(&kinds::NO_RESULTS)),
    }
}
