//! Errors as HTTP answers: `application/problem+json` (RFC 9457).

use axum::{
    Json, Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// What went wrong, told to the client and to nobody else: no internals.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// A name for the kind of problem, stable over time.
    #[serde(rename = "type")]
    kind: &'static str,
    /// One sentence for people.
    title: &'static str,
    /// The HTTP status code.
    status: u16,
}

impl Problem {
    /// A problem of the kind `kind`, which is a URI reference.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
    ) -> Self {
        let status = status.as_u16();
        Self {
            kind,
            title,
            status,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = [(CONTENT_TYPE, "application/problem+json")];
        (status, content_type, Json(self)).into_response()
    }
}

/// Lets a router answer unknown paths and methods with a problem, too.
pub fn with_fallbacks(router: Router) -> Router {
    router
        .fallback(|| async {
            Problem::new(
                StatusCode::NOT_FOUND,
                "/problems/no-such-page",
                "There is nothing at this path.",
            )
        })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "/problems/method-not-allowed",
                "This path does not take this method.",
            )
        })
}
