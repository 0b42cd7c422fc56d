//! Errors as HTTP answers: `application/problem+json` (RFC 9457).

pub mod kinds;

use axum::{
    Router,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use opentelemetry::{Context, trace::TraceContextExt};
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::etag;
pub use kinds::Kind;

/// The media type of a problem.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong, told to the client and to nobody else: no internals.
#[derive(Debug)]
pub struct Problem {
    kind: &'static Kind,
    detail: Option<String>,
    expected_version: Option<i64>,
    actual_version: Option<i64>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            detail: None,
            expected_version: None,
            actual_version: None,
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

    /// Says which version the client expected.
    #[must_use]
    pub fn expected(mut self, version: Option<i64>) -> Self {
        if self.actual_version.is_some() {
            self.expected_version = version.filter(|version| *version > 0);
        }
        self
    }

    /// Says at which version the account is.
    #[must_use]
    pub fn actual(mut self, version: i64) -> Self {
        self.actual_version = Some(version);
        self
    }
}

// ANCHOR: problem-body
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
    /// The version that the client expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_version: Option<i64>,
    /// The version that the account has.
    #[serde(skip_serializing_if = "Option::is_none")]
    actual_version: Option<i64>,
    /// The trace of the request, to tell the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}
// ANCHOR_END: problem-body

// ANCHOR: problem-response
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status;
        let body = Body {
            kind: self.kind.uri,
            title: self.kind.title,
            status: status.as_u16(),
            detail: self.detail,
            expected_version: self.expected_version,
            actual_version: self.actual_version,
            trace_id: trace_id(),
        };
        // A struct of texts and numbers is always JSON.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let content_type = [(CONTENT_TYPE, PROBLEM_JSON)];
        let mut response = (status, content_type, body).into_response();
        let headers = response.headers_mut();
        if let Some(version) = self.actual_version {
            headers.insert(ETAG, etag(version));
        }
        if is_worth_a_retry(status) {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// Whether the same request may succeed a second later.
pub(super) fn is_worth_a_retry(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE
    )
}

fn trace_id() -> Option<String> {
    let context = Context::current();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| span.trace_id().to_string())
}
// ANCHOR_END: problem-response

/// Lets a router answer unknown paths and methods with a problem, too.
pub(super) fn with_fallbacks(router: Router) -> Router {
    router
        .fallback(|| async { Problem::new(&kinds::NO_SUCH_PAGE) })
        .method_not_allowed_fallback(|| async {
            Problem::new(&kinds::METHOD_NOT_ALLOWED)
        })
}
