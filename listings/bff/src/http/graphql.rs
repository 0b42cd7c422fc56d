//! `GET` and `POST /graphql`: the graph, as the specification "GraphQL over
//! HTTP" has it.

mod media;
mod parameters;

// ANCHOR: graphql-imports
use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY},
    },
    response::{IntoResponse, Response},
};
use opentelemetry::KeyValue;
use serde_json::json;

use super::{App, json::is_json};
use crate::{
    clients::{Caller, Timeline},
    deadline::Deadline,
    graphql::{Refused, refusal},
};
use media::Media;
// ANCHOR_END: graphql-imports

// ANCHOR: handlers
/// `GET /graphql`: a link to it does no harm, so it must change nothing.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    deadline: Deadline,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    respond(&app, deadline, &headers, || parameters::from_query(&query)).await
}

/// `POST /graphql`: JSON, which no page of another origin can send without
/// being asked whether it may. Forms and plain text it could.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    deadline: Deadline,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&app, deadline, &headers, || match is_json(&headers) {
        true => parameters::from_body(&body),
        false => Err(&refusal::UNSUPPORTED_TYPE),
    })
    .await
}
// ANCHOR_END: handlers

// ANCHOR: respond
async fn respond(
    app: &App,
    deadline: Deadline,
    headers: &HeaderMap,
    question: impl FnOnce() -> parameters::Parsed,
) -> Response {
    let media = media::accepted(headers);
    let answer = match media {
        Some(_) => answer(app, deadline, headers, question()).await,
        None => Err((&refusal::NOT_ACCEPTABLE).into()),
    };
    let media = media.unwrap_or(Media::Json);
    match answer {
        Ok(answer) => {
            with(media, StatusCode::OK, serde_json::to_string(&answer))
        }
        Err(Refused { refusal, errors }) => {
            let code = refusal.code.to_ascii_lowercase();
            let reason = KeyValue::new("bff.graphql.rejection", code);
            app.instruments.rejections.add(1, &[reason]);
            let status = refusal.status.unwrap_or(media.status_of_a_refusal());
            let body = json!({ "errors": errors });
            with(media, status, Ok(body.to_string()))
        }
    }
}
// ANCHOR_END: respond

// ANCHOR: ask
async fn answer(
    app: &App,
    deadline: Deadline,
    headers: &HeaderMap,
    question: parameters::Parsed,
) -> Result<async_graphql::Response, Refused> {
    let accepted = app.graph.accept(question?)?;
    let session = app.sessions.of(headers).await;
    let session = session.map_err(|_| &refusal::SESSIONS_UNAVAILABLE)?;
    let changes = accepted.may_change();
    let subject = session.as_ref().map(|session| session.subject.clone());
    let caller = Caller {
        token: session.map(|session| session.token),
        deadline,
        timeline: Timeline::default(),
    };
    let answer = app.graph.answer(accepted, caller).await;
    // Whoever changes something wants to see it: on every page, and even if
    // nobody knows what became of it.
    if let (true, Some(subject)) = (changes, subject) {
        app.cache.forget(&subject).await;
    }
    answer
}
// ANCHOR_END: ask

fn with(
    media: Media,
    status: StatusCode,
    body: serde_json::Result<String>,
) -> Response {
    let Ok(body) = body else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.name()));
    // It is a person's, and it depends on what the client accepts.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("accept"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}
