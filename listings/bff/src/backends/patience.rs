//! How long the caller waits, and no work after that.

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout_at;

use crate::deadline::Deadline;

// ANCHOR: heed
/// Stops when the caller's budget is used up. Over HTTP/1.1 a caller that has
/// gone closes the connection, which stops the work as well; behind a proxy or
/// over HTTP/2 that is not certain.
pub(super) async fn heed(request: Request, next: Next) -> Response {
    let Some(deadline) = Deadline::of(request.headers()) else {
        return next.run(request).await;
    };
    let answer = timeout_at(deadline.instant(), next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::GATEWAY_TIMEOUT.into_response())
}
// ANCHOR_END: heed
