//! The web API: questions, runs, and what there is to ask about.

mod answer;
mod body;
mod datasets;
mod health;
mod openapi;
mod problem;
mod query;
mod runs;

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    routing::{get, post},
};
use telemetry::Telemetry;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{Observer, jobs::Jobs, pool::Pool};
pub use problem::{Kind, Problem, kinds};

/// What the handlers share.
pub struct Service {
    /// Sees each query.
    pub observer: Observer,
    /// Runs the queries.
    pub pool: Pool,
    /// How long a query may take, waiting included.
    pub limit: Duration,
    /// The folder with the results of the pipeline.
    pub results: PathBuf,
    /// Runs of the pipeline.
    pub jobs: Jobs,
}

type App = Arc<Service>;

// ANCHOR: router
/// All routes, each traced by `telemetry`.
///
/// Nobody is asked who they are: put this behind the gateway that knows your
/// users, and let it decide who may call what.
pub fn router(telemetry: &Telemetry, service: Service) -> Router {
    let routes = Router::new()
        .route("/v1/datasets", get(datasets::list))
        .route("/v1/query", post(query::query))
        .route("/v1/runs", post(runs::start))
        .route("/v1/runs/{id}", get(runs::read))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .with_state(Arc::new(service));
    problem::with_fallbacks(routes)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(telemetry.http_server_layer())
}
// ANCHOR_END: router
