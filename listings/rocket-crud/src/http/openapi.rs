//! The description of the API. A test holds it against the routes and the
//! answers.

mod operations;
mod responses;

use std::sync::LazyLock;

use rocket::{get, http::ContentType};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use super::{guards, problem, users};
use crate::{
    settings::Role,
    users::{Draft, Fault, User},
};

// ANCHOR: document
/// What the API is. The operations are described beside the handlers, which
/// stay as they are.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Users",
        description = "Users behind Rocket.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        operations::list,
        operations::create,
        operations::read,
        operations::update,
        operations::remove,
        operations::csv_file,
        operations::json_lines,
        operations::me,
        operations::live,
        operations::ready,
        operations::document,
    ),
    components(schemas(
        problem::Body, users::Page, guards::Me, Draft, Fault, Role, User
    )),
    modifiers(&Keys),
)]
struct Document;

static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| Document::openapi().to_json().unwrap_or_default());

#[get("/openapi.json")]
pub(super) fn document() -> (ContentType, &'static str) {
    (ContentType::JSON, DOCUMENT.as_str())
}
// ANCHOR_END: document

/// `Authorization: Bearer KEY`.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("key", bearer);
    }
}
