//! The routes, and what stands before all of them.

mod auth;
mod baggage;
mod conditional;
mod csrf;
mod errors;
mod experiences;
mod graphql;
mod health;
mod json;
mod limits;
mod page;
pub mod problem;
mod safe_headers;
mod server_timing;
mod signed_in;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use telemetry::Telemetry;

use crate::{
    cache::Cache,
    clients::Clients,
    graphql::Graph,
    instruments::Instruments,
    session::{Sessions, store},
    settings::{SettingError, Settings},
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
    /// Where our own pages come from.
    origin: String,
}
// ANCHOR_END: app

/// Why there are no parts.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The HTTP client did not start.
    #[error("the HTTP client did not start: {0}")]
    Client(#[from] reqwest::Error),
    /// A setting is of no use.
    #[error(transparent)]
    Setting(#[from] SettingError),
}

impl App {
    /// The parts, as `settings` want them, of a program that listens at
    /// `address`.
    ///
    /// # Errors
    /// When an HTTP client does not start, or a setting is of no use.
    pub fn new(
        telemetry: &Telemetry,
        settings: &Settings,
        address: SocketAddr,
    ) -> Result<Self, AppError> {
        let instruments = Instruments::new(telemetry);
        let public = settings.sessions.public_at(address)?;
        let store = store::open(telemetry, settings.sessions.redis.as_ref())?;
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
            sessions: Sessions::new(
                telemetry,
                &instruments,
                &settings.sessions,
                &public,
                store,
                settings.budget,
            )?,
            instruments,
            origin: public.origin().ascii_serialization(),
            budget: settings.budget,
            concurrency: settings.concurrency,
        })
    }
}

// ANCHOR: router
/// All routes. From the outside in: the server span, then what is refused
/// without a look at it, then the handlers.
pub fn router(telemetry: &Telemetry, app: App) -> Router {
    let budget = app.budget;
    let app = Arc::new(app);
    let routes = Router::new()
        .route("/web/home", get(experiences::web))
        .route("/mobile/home", get(experiences::mobile))
        .route("/desktop/bulk", post(experiences::desktop))
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/auth/login", get(auth::login))
        .route("/auth/callback", get(auth::callback))
        .route("/auth/session", get(auth::session))
        .route("/auth/logout", post(auth::logout));
    let routes = limits::shed(routes, &app)
        .merge(page::routes())
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(Arc::clone(&app));
    let routes = problem::with_fallbacks(routes)
        .layer(from_fn_with_state(app, csrf::guard));
    limits::guarded(routes, budget)
        .layer(from_fn(baggage::vet))
        .layer(from_fn(safe_headers::add))
        .layer(telemetry.http_server_layer())
}
// ANCHOR_END: router
