//! A name for each request, for those who have no trace id.

use std::convert::Infallible;

use opentelemetry::KeyValue;
use rocket::{
    Request, Response,
    fairing::{Fairing, Info, Kind},
    http::Header,
    request::{FromRequest, Outcome},
};
use uuid::Uuid;

use crate::otel::TraceCtx;

const HEADER: &str = "X-Request-Id";

/// The longest that a client may choose.
const LONGEST: usize = 64;

/// An attribute of spans, never of metrics: there is one for each request.
const ROCKET_CRUD_REQUEST_ID: &str = "rocket_crud.request.id";

// ANCHOR: request-id
/// The name of a request: the client's, if it has sent a decent one.
#[derive(Clone, Debug)]
pub struct RequestId {
    /// The name.
    pub name: String,
    /// Whether it is the client's.
    pub is_clients: bool,
}

impl RequestId {
    fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(|| {
            let sent = request.headers().get_one(HEADER);
            let decent = sent.filter(|id| is_decent(id)).map(str::to_owned);
            Self {
                is_clients: decent.is_some(),
                name: decent.unwrap_or_else(|| Uuid::now_v7().to_string()),
            }
        })
    }
}

/// Nothing that could do harm in a log, a header or a page.
fn is_decent(id: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    (1..=LONGEST).contains(&id.len()) && id.chars().all(is_allowed)
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for RequestId {
    type Error = Infallible;

    async fn from_request(
        request: &'r Request<'_>,
    ) -> Outcome<Self, Infallible> {
        Outcome::Success(Self::of(request).clone())
    }
}
// ANCHOR_END: request-id

// ANCHOR: request-ids
/// Puts the [`RequestId`] into the response. One that a client has chosen
/// goes into the span as well, to find the trace by it.
pub struct RequestIds;

#[rocket::async_trait]
impl Fairing for RequestIds {
    fn info(&self) -> Info {
        Info {
            name: "request ids",
            kind: Kind::Response,
        }
    }

    async fn on_response<'r>(
        &self,
        request: &'r Request<'_>,
        response: &mut Response<'r>,
    ) {
        let RequestId { name, is_clients } = RequestId::of(request).clone();
        if is_clients {
            let attribute = KeyValue::new(ROCKET_CRUD_REQUEST_ID, name.clone());
            TraceCtx::of(request).note(attribute);
        }
        response.set_header(Header::new(HEADER, name));
    }
}
// ANCHOR_END: request-ids
