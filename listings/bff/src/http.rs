//! The routes, and what stands before all of them.

mod baggage;
mod conditional;
mod errors;
mod experiences;
mod graphql;
mod health;
mod json;
mod limits;
mod page;
pub mod problem;
mod server_timing;
mod signed_in;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    middleware::from_fn,
    routing::{get, post},
};
use telemetry::Telemetry;

use crate::{
    cache::Cache, clients::Clients, graphql::Graph, instruments::Instruments,
    session::Sessions, settings::Settings,
};

// ANCHOR: app
/// What the handlers share.
pub struct App {
    clients: Clients,
    instruments: Instruments,
    sessions: Sessions,
    cache: Cache,
    graph: Graph,
    budget: Duration,
    concurrency: usize,
}

impl App {
    /// The parts, as `settings` want them.
    ///
    /// # Errors
    /// When the HTTP client does not start.
    pub fn new(
        telemetry: &Telemetry,
        settings: &Settings,
    ) -> Result<Self, reqwest::Error> {
        let instruments = Instruments::new(telemetry);
        let clients = Clients::new(
            telemetry,
            &instruments,
            &settings.backends,
            settings.hedge_after,
        )?;
        Ok(Self {
            graph: Graph::new(
                telemetry,
                &clients,
                settings.graphql_operations,
                settings.product_batch,
            ),
            clients,
            cache: Cache::new(settings.fresh, &instruments),
            instruments,
            sessions: Sessions,
            budget: settings.budget,
            concurrency: settings.concurrency,
        })
    }
}
// ANCHOR_END: app

// ANCHOR: router
/// All routes. From the outside in: the server span, then what is refused
/// without a look at it, then the handlers.
pub fn router(telemetry: &Telemetry, app: App) -> Router {
    let app = Arc::new(app);
    let routes = Router::new()
        .route("/web/home", get(experiences::web))
        .route("/mobile/home", get(experiences::mobile))
        .route("/desktop/bulk", post(experiences::desktop))
        .route("/graphql", get(graphql::get).post(graphql::post));
    let routes = limits::shed(routes, &app)
        .merge(page::routes())
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(app);
    limits::guarded(problem::with_fallbacks(routes))
        .layer(from_fn(baggage::vet))
        .layer(telemetry.http_server_layer())
}
// ANCHOR_END: router
