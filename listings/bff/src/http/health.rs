//! Whether the program is alive, and ready.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::App;
use crate::{
    clients::{Caller, Timeline},
    deadline::Deadline,
};

/// How long a backend may take to say that it lives.
const PROBE: Duration = Duration::from_millis(500);

/// `GET /health/live`
pub(super) async fn live() -> Json<Value> {
    Json(json!({ "status": "up" }))
}

// ANCHOR: ready
/// `GET /health/ready`: ready while any backend answers. To take all replicas
/// out of service because one backend is down would make the failure whole.
pub(super) async fn ready(
    State(app): State<Arc<App>>,
) -> (StatusCode, Json<Value>) {
    let caller = Caller {
        token: None,
        deadline: Deadline::after(PROBE),
        timeline: Timeline::default(),
    };
    let health = app.clients.health(&caller).await;
    let is_ready = health.iter().any(|(_, is_live)| *is_live);
    let condition = |up| if up { "up" } else { "down" };
    let backends: Value = health
        .into_iter()
        .map(|(name, is_live)| (name, condition(is_live)))
        .collect();
    let status = match is_ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let status_text = condition(is_ready);
    (
        status,
        Json(json!({ "status": status_text, "backends": backends })),
    )
}
// ANCHOR_END: ready
