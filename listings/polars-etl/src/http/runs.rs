//! Runs of the pipeline: ask for one, and see how it is.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App,
    openapi::{Reading, Starting},
    problem::{Problem, kinds},
};
use crate::{
    etl::EtlError,
    jobs::{JobError, Status},
};

/// A run of the pipeline.
#[derive(Serialize, ToSchema)]
pub(super) struct Run {
    /// Its name.
    id: Uuid,
    #[serde(flatten)]
    status: Status,
}

// ANCHOR: start
/// Have the pipeline run
///
/// It is written down before the answer, so it will run, even if this process
/// does not live to see it.
#[utoipa::path(
    post,
    path = "/v1/runs",
    tag = "runs",
    responses(
        (
            status = 202,
            description = "It will be done.",
            body = Run,
            headers(("Location" = String, description = "Where it is.")),
        ),
        Starting,
    ),
)]
pub(super) async fn start(State(app): State<App>) -> Result<Response, Problem> {
    let id = app.jobs.accept().await?;
    let place = [(LOCATION, format!("/v1/runs/{id}"))];
    let status = Status::Waiting;
    Ok((StatusCode::ACCEPTED, place, Json(Run { id, status })).into_response())
}
// ANCHOR_END: start

/// See how a run is
#[utoipa::path(
    get,
    path = "/v1/runs/{id}",
    tag = "runs",
    params(("id" = Uuid, Path, description = "Its name.")),
    responses((status = 200, description = "It.", body = Run), Reading),
)]
pub(super) async fn read(
    State(app): State<App>,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Run>, Problem> {
    let unknown = || Problem::new(&kinds::NO_SUCH_RUN);
    let Path(id) = id.map_err(|_| unknown())?;
    let status = spawn_blocking(move || app.jobs.status(id)).await;
    let status = status.map_err(|_| Problem::new(&kinds::INTERNAL))??;
    let status = status.ok_or_else(unknown)?;
    Ok(Json(Run { id, status }))
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Full => Self::new(&kinds::BUSY),
            JobError::File(error) => error.into(),
        }
    }
}

impl From<EtlError> for Problem {
    fn from(error: EtlError) -> Self {
        tracing::error!(
            name: "run.failed",
            { error.type = error.kind() },
            "the file of a run cannot be read or written"
        );
        Self::new(&kinds::INTERNAL)
    }
}
