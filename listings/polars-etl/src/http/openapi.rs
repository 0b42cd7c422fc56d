//! The description of the API, made from the handlers themselves.

mod responses;

use std::sync::LazyLock;

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use utoipa::OpenApi;

pub(super) use responses::*;

use super::{datasets, health, problem, query, runs};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "A shop's sales",
        description = "Questions about the results of a pipeline.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        datasets::list,
        query::query,
        runs::start,
        runs::read,
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
    responses((
        status = 200,
        description = "OpenAPI 3.1.",
        body = serde_json::Value,
    )),
)]
pub(super) async fn document() -> Response {
    let headers = [(CONTENT_TYPE, "application/json")];
    (headers, DOCUMENT.as_str()).into_response()
}
