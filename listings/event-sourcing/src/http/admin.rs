//! Projections, for the operator.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App,
    openapi::{Operating, Rebuilding},
    problem::{Problem, kinds},
};
use crate::projections::ProjectionStatus;

/// How far a revision of a projection is.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectionView {
    name: String,
    revision: i32,
    /// `live` or `building`.
    status: String,
    /// Events that it has processed.
    processed: i64,
    /// Events that it has not processed yet.
    lag_events: i64,
    /// The age of the oldest of those.
    lag_seconds: f64,
    /// Why it has stopped, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
}

impl From<ProjectionStatus> for ProjectionView {
    fn from(status: ProjectionStatus) -> Self {
        Self {
            name: status.name,
            revision: status.revision,
            status: status.status,
            processed: status.processed,
            lag_events: status.lag_events,
            lag_seconds: status.lag_seconds,
            stopped: status.stopped,
        }
    }
}

/// All projections.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectionList {
    projections: Vec<ProjectionView>,
}

/// See how far the projections are
#[utoipa::path(
    get,
    path = "/admin/projections",
    tag = "operation",
    responses(
        (status = 200, description = "All of them.", body = ProjectionList),
        Operating,
    ),
)]
pub(super) async fn list(
    State(app): State<App>,
) -> Result<Json<ProjectionList>, Problem> {
    let all = app.projections.list().await?;
    let projections = all.into_iter().map(ProjectionView::from).collect();
    Ok(Json(ProjectionList { projections }))
}

/// A rebuild that has begun.
#[derive(Serialize, ToSchema)]
pub(super) struct Rebuild {
    name: String,
    /// The revision that is being built.
    revision: i32,
}

// ANCHOR: rebuild
/// Rebuild a projection from the first event
///
/// Readers see the old revision until the new one has caught up.
#[utoipa::path(
    post,
    path = "/admin/projections/{name}/rebuilds",
    tag = "operation",
    params(("name" = String, Path)),
    responses(
        (status = 202, description = "It has begun.", body = Rebuild),
        Rebuilding,
    ),
)]
pub(super) async fn rebuild(
    State(app): State<App>,
    name: Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<Rebuild>), Problem> {
    let Ok(Path(name)) = name else {
        return Err(Problem::new(&kinds::NO_SUCH_PROJECTION));
    };
    let revision = app.projections.rebuild(&name).await?;
    Ok((StatusCode::ACCEPTED, Json(Rebuild { name, revision })))
}
// ANCHOR_END: rebuild
