//! Errors as HTTP answers: `application/problem+json` (RFC 9457).

pub mod kinds;

use std::any::Any;

use axum::{
    Router,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use opentelemetry::{Context, trace::TraceContextExt};
use serde::Serialize;
use utoipa::ToSchema;

use crate::query::QueryError;
pub use kinds::Kind;

/// What went wrong, told to the client and to nobody else: no internals.
#[derive(Debug)]
pub struct Problem {
    kind: &'static Kind,
    detail: Option<String>,
    fault: Option<QueryError>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            detail: None,
            fault: None,
        }
    }

    /// Says more about this case. It may repeat what the client has sent, so
    /// it is cut, and it goes nowhere else.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        self.detail = Some(detail.chars().take(300).collect());
        self
    }
}

impl From<QueryError> for Problem {
    fn from(fault: QueryError) -> Self {
        let mut problem = Self::new(&kinds::INVALID_QUERY);
        problem.fault = Some(fault);
        problem
    }
}

/// How a problem is written (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Body {
    /// A URI reference that names the kind of problem.
    #[serde(rename = "type")]
    kind: &'static str,
    /// One sentence for people, the same for each problem of this kind.
    title: &'static str,
    /// The HTTP status code.
    status: u16,
    /// More about this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Which part of the body is wrong, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// What should be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    /// The trace of the request, to tell the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status;
        let (pointer, expected) = self
            .fault
            .map(|fault| (fault.pointer, fault.expected))
            .unzip();
        let body = Body {
            kind: self.kind.uri,
            title: self.kind.title,
            status: status.as_u16(),
            detail: self.detail,
            pointer,
            expected,
            trace_id: trace_id(),
        };
        // A struct of texts and numbers is always JSON.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let content_type = [(CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, content_type, body).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let a_second = HeaderValue::from_static("1");
            response.headers_mut().insert(RETRY_AFTER, a_second);
        }
        response
    }
}

fn trace_id() -> Option<String> {
    let context = Context::current();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| span.trace_id().to_string())
}

/// Lets a router answer unknown paths and methods with a problem, too.
pub(super) fn with_fallbacks(router: Router) -> Router {
    router
        .fallback(|| async { Problem::new(&kinds::NO_SUCH_PAGE) })
        .method_not_allowed_fallback(|| async {
            Problem::new(&kinds::METHOD_NOT_ALLOWED)
        })
}

/// What it says may hold anything, and the panic hook has printed it.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::new(&kinds::INTERNAL).into_response()
}
