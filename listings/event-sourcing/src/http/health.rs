//! Whether the program is alive, ready and well.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App,
    openapi::{Checking, Probing},
    problem::{Problem, kinds},
};
use crate::projections::ProjectionStatus;

/// Up or down, or in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Condition {
    /// It works.
    Up,
    /// It answers questions, and takes no commands.
    ReadOnly,
    /// It does not.
    Down,
}

/// The program and its parts.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// Down, if any part is.
    status: Condition,
    components: Components,
}

/// What can be up or down by itself.
#[derive(Serialize, ToSchema)]
pub(super) struct Components {
    database: Condition,
    projections: Condition,
    /// The projections that have stopped. None of them goes on by itself.
    stopped: Vec<Stopped>,
}

/// A projection that has stopped.
#[derive(Serialize, ToSchema)]
pub(super) struct Stopped {
    name: String,
    revision: i32,
    /// At which event, and why.
    reason: String,
}

/// See whether the program runs
///
/// If not, start it again.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "operation",
    responses((status = 200, description = "It does."), Checking),
)]
pub(super) async fn live() -> StatusCode {
    StatusCode::OK
}

/// See whether requests can be served
///
/// If not, send none. A database that takes no writes cannot serve most of
/// them.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "operation",
    responses((status = 200, description = "They can."), Probing),
)]
pub(super) async fn ready(
    State(app): State<App>,
) -> Result<StatusCode, Problem> {
    match app.database.is_writable().await? {
        true => Ok(StatusCode::OK),
        false => Err(Problem::new(&kinds::UNAVAILABLE)
            .detail("It takes no writes: it is read-only, or a standby.")),
    }
}

// ANCHOR: health
/// See how the parts of the program are
///
/// If one is down, look into it.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operation",
    responses(
        (status = 200, description = "All is well.", body = Health),
        (status = 503, description = "Something is down.", body = Health),
    ),
)]
pub(super) async fn health(
    State(app): State<App>,
) -> (StatusCode, Json<Health>) {
    let health = look(&app).await.unwrap_or(Health {
        status: Condition::Down,
        components: Components {
            database: Condition::Down,
            projections: Condition::Down,
            stopped: Vec::new(),
        },
    });
    let status = match health.status {
        Condition::Up => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health))
}

async fn look(app: &App) -> Result<Health, sqlx::Error> {
    let database = match app.database.is_writable().await? {
        true => Condition::Up,
        false => Condition::ReadOnly,
    };
    let projections = app.projections.list().await?;
    Ok(Health::with_database(database, projections))
}
// ANCHOR_END: health

impl Health {
    fn with_database(
        database: Condition,
        projections: Vec<ProjectionStatus>,
    ) -> Self {
        let stopped = projections.into_iter().filter_map(|projection| {
            Some(Stopped {
                name: projection.name,
                revision: projection.revision,
                reason: projection.stopped?,
            })
        });
        let stopped: Vec<_> = stopped.collect();
        let projections = match stopped.is_empty() {
            true => Condition::Up,
            false => Condition::Down,
        };
        let is_well = [database, projections] == [Condition::Up; 2];
        Self {
            status: match is_well {
                true => Condition::Up,
                false => Condition::Down,
            },
            components: Components {
                database,
                projections,
                stopped,
            },
        }
    }
}
