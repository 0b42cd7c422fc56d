//! Request bodies: JSON, not too large and not too slow, or a problem.

use std::time::Duration;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, header::CONTENT_TYPE},
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::problem::{Problem, kinds};

/// The most bytes of a body.
const MOST: usize = 64 << 10;

/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(5);

/// A body that is JSON, with the fields of `T`.
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(&kinds::UNSUPPORTED_TYPE));
        }
        let body = arrived(request).await?;
        let value = serde_json::from_slice(&body).map_err(|error| {
            Problem::new(&kinds::MALFORMED_BODY).detail(error.to_string())
        })?;
        Ok(Self(value))
    }
}

/// The whole body.
async fn arrived(request: Request) -> Result<Bytes, Problem> {
    let reading = to_bytes(request.into_body(), MOST);
    match timeout(ARRIVAL, reading).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(Problem::new(&kinds::BODY_TOO_LARGE)),
        Err(_) => Err(Problem::new(&kinds::BODY_TOO_SLOW)),
    }
}

/// `application/json`, in any case and with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
