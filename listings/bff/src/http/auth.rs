//! Sign in, sign out, and who is signed in.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{LOCATION, SET_COOKIE},
    },
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    App,
    problem::{Problem, kinds},
    signed_in::SignedIn,
};
use crate::session::{Callback, SessionError, Sessions};

/// The longest hint that goes on to the provider.
const LONGEST: usize = 64;

// ANCHOR: login
/// Who wants to sign in, if they say so.
#[derive(Deserialize)]
pub(super) struct Login {
    login_hint: Option<String>,
}

/// `GET /auth/login`
pub(super) async fn login(
    State(app): State<Arc<App>>,
    login: Result<Query<Login>, QueryRejection>,
) -> Result<Response, Problem> {
    let hint = login.ok().and_then(|Query(login)| login.login_hint);
    let hint = hint.filter(|hint| hint.len() <= LONGEST);
    let departed = app.sessions.depart(hint.as_deref()).await?;
    Ok(redirect(departed.url.as_str(), [departed.cookie]))
}

/// `GET /auth/callback`: back to the page, and never to an address from the
/// request.
pub(super) async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    callback: Result<Query<Callback>, QueryRejection>,
) -> Response {
    let arrived = match callback {
        Ok(Query(callback)) => app.sessions.arrive(&headers, callback).await,
        Err(_) => Err(SessionError::Refused),
    };
    match arrived {
        Ok(cookie) => redirect("/", [cookie, Sessions::arrived()]),
        Err(error) => (cookies([Sessions::arrived()]), Problem::from(error))
            .into_response(),
    }
}
// ANCHOR_END: login

// ANCHOR: logout
/// `POST /auth/logout`
pub(super) async fn logout(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.sessions.leave(&headers).await?;
    let cookies = cookies([Sessions::left()]);
    Ok((StatusCode::NO_CONTENT, cookies).into_response())
}

/// `GET /auth/session`
pub(super) async fn session(person: SignedIn) -> Json<Value> {
    Json(json!({
        "subject": person.session.subject,
        "expires_in": person.session.expires_in.as_secs(),
    }))
}
// ANCHOR_END: logout

type Cookies = AppendHeaders<Vec<(axum::http::HeaderName, HeaderValue)>>;

fn cookies<const N: usize>(values: [Option<HeaderValue>; N]) -> Cookies {
    let values = values.into_iter().flatten();
    AppendHeaders(values.map(|value| (SET_COOKIE, value)).collect())
}

/// 303, with cookies.
fn redirect<const N: usize>(
    url: &str,
    values: [Option<HeaderValue>; N],
) -> Response {
    match HeaderValue::try_from(url) {
        Ok(location) => {
            let location = [(LOCATION, location)];
            (StatusCode::SEE_OTHER, location, cookies(values)).into_response()
        }
        Err(_) => Problem::new(&kinds::INTERNAL).into_response(),
    }
}
