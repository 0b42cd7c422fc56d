//! The routes of the three clients.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{
    App, json,
    problem::{Problem, kinds},
    signed_in::SignedIn,
};
use crate::experiences::{
    Bulk, BulkAnswer, MOST, MobileHome, WebHome, answer, gather,
};

// ANCHOR: home
/// `GET /web/home`
pub(super) async fn web(
    State(app): State<Arc<App>>,
    SignedIn { caller, .. }: SignedIn,
) -> Result<Json<WebHome>, Problem> {
    let parts =
        gather(&app.clients, &app.instruments, &caller, WebHome::WANTED);
    Ok(Json(parts.await?.into()))
}

/// `GET /mobile/home`
pub(super) async fn mobile(
    State(app): State<Arc<App>>,
    SignedIn { caller, .. }: SignedIn,
) -> Result<Json<MobileHome>, Problem> {
    let parts =
        gather(&app.clients, &app.instruments, &caller, MobileHome::WANTED);
    Ok(Json(parts.await?.into()))
}
// ANCHOR_END: home

// ANCHOR: desktop
/// `POST /desktop/bulk`
pub(super) async fn desktop(
    State(app): State<Arc<App>>,
    SignedIn { caller, .. }: SignedIn,
    json::Json(Bulk { operations }): json::Json<Bulk>,
) -> Result<Json<BulkAnswer>, Problem> {
    if operations.len() > MOST {
        return Err(Problem::new(&kinds::TOO_MANY_OPERATIONS));
    }
    Ok(Json(answer(&app.clients, &caller, &operations).await))
}
// ANCHOR_END: desktop
