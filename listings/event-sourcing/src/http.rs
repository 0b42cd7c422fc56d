//! The web API: requests become commands and questions, versions become
//! entity tags, and errors become problems.

mod accounts;
mod admin;
mod answers;
mod commands;
mod conditions;
mod errors;
mod feed;
mod health;
mod held;
mod history;
mod idempotency;
mod json;
mod limits;
mod openapi;
mod pages;
mod parameters;
mod preconditions;
mod problem;
mod subjects;

use std::sync::Arc;

use axum::{
    Router,
    routing::{delete, get, post},
};
use telemetry::Telemetry;

use crate::services::Services;
pub use problem::{Kind, Problem, kinds};

/// What the handlers share.
type App = Arc<Services>;

// ANCHOR: router
/// All routes, each traced by `telemetry`.
///
/// Nobody is asked who they are: put this behind the gateway that knows your
/// users, and let it decide who may call what.
pub fn router(telemetry: &Telemetry, services: Services) -> Router {
    let routes = Router::new()
        .route("/accounts", post(accounts::open))
        .route("/accounts/{account_id}", get(accounts::read))
        .route("/accounts/{account_id}/deposits", post(commands::deposit))
        .route(
            "/accounts/{account_id}/withdrawals",
            post(commands::withdraw),
        )
        .route("/accounts/{account_id}/transfers", post(commands::transfer))
        .route("/accounts/{account_id}/closure", post(commands::close))
        .route("/accounts/{account_id}/history", get(history::history))
        .route("/accounts/{account_id}/events", get(history::events))
        .route("/accounts/{account_id}/audit", get(history::audit))
        .route("/feed", get(feed::feed))
        .route("/subjects/{subject_id}/key", delete(subjects::erase))
        .route("/admin/projections", get(admin::list))
        .route("/admin/projections/{name}/rebuilds", post(admin::rebuild))
        .route("/admin/transfers", get(held::list))
        .route("/admin/transfers/{event_id}/release", post(held::release))
        .route("/health", get(health::health))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .with_state(Arc::new(services));
    limits::guarded(problem::with_fallbacks(routes), limits::TIMES)
        .layer(telemetry.http_server_layer())
}
// ANCHOR_END: router
