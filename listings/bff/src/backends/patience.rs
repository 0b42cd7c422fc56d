//! How long the caller waits, and no work after that. How long the caller is
//! waited for.

use std::time::Duration;

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::{timeout, timeout_at};

use crate::deadline::Deadline;

/// How long a body may take to arrive.
pub(super) const ARRIVAL: Duration = Duration::from_secs(5);

/// How large it may be.
const BODY: usize = 64 * 1024;

/// Reads the whole body before anything else.
pub(super) async fn arrived(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    match timeout(limit, to_bytes(body, BODY)).await {
        Ok(Ok(body)) => next.run(Request::from_parts(parts, body.into())).await,
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::{Router, middleware::from_fn_with_state, routing::post};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let soon = Duration::from_millis(50);
        let routes = Router::new()
            .route("/", post(async || "taken"))
            .layer(from_fn_with_state(soon, super::arrived));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let mut client = TcpStream::connect(address).await.unwrap();
        let half = "POST / HTTP/1.1\r\nhost: user\r\n\
            connection: close\r\ncontent-length: 10\r\n\r\n{";
        client.write_all(half.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
}
