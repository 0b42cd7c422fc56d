//! The routes of the three clients.

// ANCHOR: imports
use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{
    App, conditional, json,
    problem::{Problem, kinds},
    server_timing,
    signed_in::SignedIn,
};
use crate::{
    cache::{Key, Page},
    clients::{CallError, Caller},
    experiences::{
        Bulk, Gathered, MOST, MobileHome, Wanted, WebHome, answer, gather,
    },
};
// ANCHOR_END: imports

// ANCHOR: home
/// `GET /web/home`
pub(super) async fn web(
    State(app): State<Arc<App>>,
    person: SignedIn,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    home::<WebHome>(&app, person, &headers, WebHome::WANTED).await
}

/// `GET /mobile/home`
pub(super) async fn mobile(
    State(app): State<Arc<App>>,
    person: SignedIn,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    home::<MobileHome>(&app, person, &headers, MobileHome::WANTED).await
}

// ANCHOR_END: home

// ANCHOR: page
async fn home<H: From<Gathered> + Serialize>(
    app: &App,
    SignedIn { session, caller }: SignedIn,
    headers: &HeaderMap,
    wanted: Wanted,
) -> Result<Response, Problem> {
    let key = Key {
        subject: session.subject,
        client: wanted.client,
    };
    let page = app.cache.get(key, make::<H>(app, &caller, wanted)).await?;
    let response = conditional::respond(page, headers);
    Ok(server_timing::add(response, &caller.timeline))
}

async fn make<H: From<Gathered> + Serialize>(
    app: &App,
    caller: &Caller,
    wanted: Wanted,
) -> Result<Page, CallError> {
    let parts = gather(&app.clients, &app.instruments, caller, wanted).await?;
    let is_complete = parts.degraded.is_empty();
    let body = serde_json::to_vec(&H::from(parts));
    Ok(Page::new(
        body.map_err(|_| CallError::Garbage)?,
        is_complete,
    ))
}
// ANCHOR_END: page

// ANCHOR: desktop
/// `POST /desktop/bulk`
pub(super) async fn desktop(
    State(app): State<Arc<App>>,
    SignedIn { caller, .. }: SignedIn,
    json::Json(Bulk { operations }): json::Json<Bulk>,
) -> Result<Response, Problem> {
    if operations.len() > MOST {
        return Err(Problem::new(&kinds::TOO_MANY_OPERATIONS));
    }
    let answer = answer(&app.clients, &caller, &operations).await;
    let response = Json(answer).into_response();
    Ok(server_timing::add(response, &caller.timeline))
}
// ANCHOR_END: desktop
