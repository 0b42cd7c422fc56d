//! Greets whoever asks, and traces it.

// ANCHOR: imports
use axum::{Json, Router, extract::Path, routing::get};
use serde::Serialize;
use telemetry::Telemetry;
// ANCHOR_END: imports

pub mod program;

/// The answer to `GET /greetings/{name}`.
#[derive(Debug, Serialize)]
pub struct Greeting {
    /// Words for whoever asked.
    pub words: String,
}

// ANCHOR: router
/// The routes, each traced by `telemetry`.
pub fn router(telemetry: &Telemetry) -> Router {
    Router::new()
        .route("/greetings/{name}", get(greeting))
        .layer(telemetry.http_server_layer())
}
// ANCHOR_END: router

// ANCHOR: handler
async fn greeting(Path(name): Path<String>) -> Json<Greeting> {
    Json(write(&name))
}

/// The name is a person's, so that no span holds it: only how long it is.
#[tracing::instrument(
    name = "greeting.write",
    skip_all,
    fields(greeting.letters = name.chars().count() as i64)
)]
fn write(name: &str) -> Greeting {
    let words = format!("Hello, {name}.");
    tracing::info!(name: "greeting.written", "greeting written");
    Greeting { words }
}
// ANCHOR_END: handler
