//! Runs of the pipeline: ask for one, and see how it is.

use std::collections::BTreeMap;

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
    jobs::{JobError, Outcome, Status},
};

/// A run of the pipeline, and what there is to say of it.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct Run {
    /// Its name.
    id: Uuid,
    state: Phase,
    /// The stage that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    /// Rows that this stage has read so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    /// The name of the results: the same for the same input.
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<String>,
    /// Orders that were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    orders: Option<u64>,
    /// Orders that were set aside, by the rule that they break.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<BTreeMap<String, u64>>,
    /// The kind of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// How far a run is.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// Others come before it.
    #[default]
    Waiting,
    /// It is being done.
    Running,
    /// There are new sales.
    Done,
    /// There are none.
    Failed,
}

impl Run {
    fn new(id: Uuid, status: Status) -> Self {
        let (state, rest) = match status {
            Status::Waiting => (Phase::Waiting, Self::default()),
            Status::Running { stage, rows } => {
                let rows = Some(rows);
                (
                    Phase::Running,
                    Self {
                        stage,
                        rows,
                        ..Self::default()
                    },
                )
            }
            Status::Ended(Outcome::Done {
                run,
                orders,
                rejected,
            }) => {
                let ended = Self {
                    results: Some(run),
                    orders: Some(orders),
                    rejected: Some(rejected),
                    ..Self::default()
                };
                (Phase::Done, ended)
            }
            Status::Ended(Outcome::Failed { error }) => {
                let error = Some(error);
                (
                    Phase::Failed,
                    Self {
                        error,
                        ..Self::default()
                    },
                )
            }
        };
        Self { id, state, ..rest }
    }
}

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
    let run = Json(Run::new(id, Status::Waiting));
    Ok((StatusCode::ACCEPTED, place, run).into_response())
}

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
    Ok(Json(Run::new(id, status)))
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
