//! The description of the API, made from the handlers themselves.

mod responses;
mod schemas;

use std::sync::LazyLock;

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use utoipa::OpenApi;

pub(super) use responses::*;

use super::{
    accounts, admin, commands, feed, health, held, history, problem, subjects,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "The bank",
        description = "Accounts whose only truth is their events.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        accounts::open,
        accounts::read,
        commands::deposit,
        commands::withdraw,
        commands::transfer,
        commands::close,
        history::history,
        history::events,
        history::audit,
        feed::feed,
        subjects::erase,
        admin::list,
        admin::rebuild,
        held::list,
        held::release,
        health::health,
        health::live,
        health::ready,
        document,
    ),
    components(schemas(problem::Body))
)]
struct Document;

static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| Document::openapi().to_json().unwrap_or_default());

/// Read this description
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "operation",
    responses(
        (
            status = 200,
            description = "OpenAPI 3.1.",
            body = serde_json::Value,
        ),
        Checking,
    ),
)]
pub(super) async fn document() -> Response {
    let headers = [(CONTENT_TYPE, "application/json")];
    (headers, DOCUMENT.as_str()).into_response()
}
