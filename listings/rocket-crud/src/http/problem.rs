//! Errors as HTTP answers: `application/problem+json` (RFC 9457).

pub mod kinds;

use std::{
    io::Cursor,
    sync::{Mutex, PoisonError},
};

use opentelemetry::{Context, trace::TraceContextExt};
use rocket::{
    Request, Response,
    http::{ContentType, Header, Status},
    request,
    response::{self, Responder},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    database,
    users::{Fault, RepositoryError},
};
pub use kinds::Kind;

/// What went wrong, told to the client and to nobody else: no internals.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: &'static Kind,
    detail: Option<String>,
    errors: Vec<Fault>,
    headers: Vec<(&'static str, String)>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// The problem that Rocket means by `status`.
    pub fn of(status: Status) -> Self {
        Self::new(kinds::of(status))
    }

    /// Says more about this case. It may repeat what the client has sent, so
    /// it is cut, and it goes nowhere else.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        self.detail = Some(detail.chars().take(300).collect());
        self
    }

    /// Says which fields are wrong.
    #[must_use]
    pub fn errors(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
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
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    /// The trace of the request, to tell the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

// ANCHOR_END: problem-body

// ANCHOR: problem
impl<'r> Responder<'r, 'static> for Problem {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let body = Body {
            kind: self.kind.uri,
            title: self.kind.title,
            status: self.kind.status.code,
            detail: self.detail,
            errors: self.errors,
            trace_id: trace_id(),
        };
        // A struct of texts and numbers is always JSON.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::build();
        response
            .status(self.kind.status)
            .header(ContentType::new("application", "problem+json"))
            .header(Header::new("Cache-Control", "no-store"))
            .sized_body(body.len(), Cursor::new(body));
        for (name, value) in self.headers {
            response.header(Header::new(name, value));
        }
        response.ok()
    }
}
// ANCHOR_END: problem

fn trace_id() -> Option<String> {
    let context = Context::current();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| span.trace_id().to_string())
}

/// What the last guard that refused the request had to say.
#[derive(Default)]
struct Said(Mutex<Option<Problem>>);

// ANCHOR: refuse
impl Problem {
    /// Refuses a request from inside a guard, which can give Rocket a status
    /// but no answer. The catcher gives this one.
    pub(super) fn refuse<T>(
        self,
        request: &Request<'_>,
    ) -> request::Outcome<T, ()> {
        request::Outcome::Error((self.say(request), ()))
    }

    /// Keeps the problem for the catcher. Returns its status.
    pub(super) fn say(self, request: &Request<'_>) -> Status {
        let status = self.kind.status;
        let said = &request.local_cache(Said::default).0;
        *said.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
        status
    }
}

/// What a guard has said of `request`, if it was this status.
pub(super) fn said(request: &Request<'_>, status: Status) -> Option<Problem> {
    let said = &request.local_cache(Said::default).0;
    let said = said.lock().unwrap_or_else(PoisonError::into_inner).take();
    said.filter(|problem| problem.kind.status == status)
}
// ANCHOR_END: refuse

// ANCHOR: repository-problem
impl From<RepositoryError> for Problem {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::NoSuchUser => Self::new(&kinds::NO_SUCH_USER),
            RepositoryError::Taken(field) => Self::new(&kinds::TAKEN)
                .detail(format!("Somebody else has this {field}.")),
            RepositoryError::Changed { actual } => Self::new(&kinds::CHANGED)
                .header("ETag", super::responders::etag(actual)),
            RepositoryError::Database(error) => {
                // The span of the statement has the code, and the message
                // may hold the values.
                tracing::error!(name: "database.failed", "the database failed");
                match database::Fault::of(&error) {
                    // To come again is no use.
                    database::Fault::Statement => Self::new(&kinds::INTERNAL),
                    _ => Self::new(&kinds::DATABASE_UNAVAILABLE)
                        .header("Retry-After", "1".to_owned()),
                }
            }
        }
    }
}
// ANCHOR_END: repository-problem
