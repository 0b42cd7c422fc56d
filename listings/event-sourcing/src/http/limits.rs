//! What no handler has to think of: bodies that are too large or too slow,
//! answers that take too long, and panics.

use std::{any::Any, future::poll_fn, pin::Pin, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::header::EXPECT,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;

use super::problem::{Problem, kinds};

/// How long a request may take.
#[derive(Clone, Copy)]
pub(super) struct Times {
    /// Until its body is here.
    body: Duration,
    /// Altogether.
    request: Duration,
}

pub(super) const TIMES: Times = Times {
    body: Duration::from_secs(5),
    request: Duration::from_secs(10),
};

/// How large a body may be.
const BODY: usize = 16 * 1024;

/// How much of a larger one is read all the same.
const DRAIN: usize = 1024 * 1024;

// ANCHOR: guarded
/// Guards `routes`. A request that is given up with 503 may have been carried
/// out: the client asks again, with the same key. With 408 it has not begun.
pub(super) fn guarded(routes: Router, times: Times) -> Router {
    routes
        .layer(from_fn_with_state(times.body, read_body))
        .layer(from_fn_with_state(times.request, in_time))
        .layer(CatchPanicLayer::custom(panicked))
}

async fn in_time(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    match timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(&kinds::TIMED_OUT).into_response(),
    }
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // What it says may hold anything, and the panic hook has printed it.
    tracing::error!(name: "request.panicked", "a request panicked");
    Problem::new(&kinds::INTERNAL).into_response()
}
// ANCHOR_END: guarded

// ANCHOR: read-body
/// Reads the whole body before anything else. The connection is then free for
/// the answer, whatever the answer is.
async fn read_body(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let waits = parts.headers.contains_key(EXPECT);
    let reading = timeout(limit, read(body, waits)).await;
    match reading.unwrap_or(Err(Problem::new(&kinds::BODY_TOO_SLOW))) {
        Ok(body) => {
            let request = Request::from_parts(parts, Body::from(body));
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}
// ANCHOR_END: read-body

// ANCHOR: read-to-the-end
/// A client that `waits` has not sent its body yet. Another one may read the
/// answer only after it has, so what is too large is read for a while.
async fn read(mut body: Body, waits: bool) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(&kinds::BODY_TOO_LARGE);
    if waits && body.size_hint().lower() > BODY as u64 {
        return Err(too_large());
    }
    let (mut bytes, mut size) = (Vec::new(), 0);
    while size < DRAIN {
        let next = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let Some(frame) = next.await else {
            break;
        };
        let frame = frame.map_err(|_| Problem::new(&kinds::MALFORMED_BODY))?;
        let data = frame.into_data().unwrap_or_default();
        size += data.len();
        if size <= BODY {
            bytes.extend_from_slice(&data);
        }
    }
    match size {
        ..=BODY => Ok(bytes.into()),
        _ => Err(too_large()),
    }
}
// ANCHOR_END: read-to-the-end

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use axum::{
        Router,
        routing::{get, post},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::{Times, guarded};

    const NEVER: Duration = Duration::from_secs(3_600);
    const SOON: Duration = Duration::from_millis(50);

    async fn explode() {
        panic!("on purpose");
    }

    /// Where it listens.
    async fn serve(times: Times) -> String {
        let routes = Router::new()
            .route("/panics", get(explode))
            .route("/waits", get(pending::<()>))
            .route("/takes", post(async || "taken"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = guarded(routes, times);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        address.to_string()
    }

    /// Status, type of the content and body of the answer to `GET path`.
    async fn ask(path: &str, request: Duration) -> (u16, String, String) {
        let body = NEVER;
        let times = Times { body, request };
        let address = serve(times).await;
        let answer = reqwest::get(format!("http://{address}{path}")).await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        let kind = answer.headers()["content-type"].to_str().unwrap();
        (status, kind.to_owned(), answer.text().await.unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_problem_without_its_words() {
        let (status, kind, body) = ask("/panics", NEVER).await;
        assert_eq!(status, 500);
        assert_eq!(kind, "application/problem+json");
        assert!(body.contains("/problems/internal"), "{body}");
        assert!(!body.contains("purpose"), "{body}");
    }

    #[tokio::test]
    async fn what_takes_too_long_may_be_asked_again() {
        let (status, kind, body) = ask("/waits", SOON).await;
        assert_eq!(status, 503);
        assert_eq!(kind, "application/problem+json");
        assert!(body.contains("/problems/timed-out"), "{body}");
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_the_clients_fault() {
        let times = Times {
            body: SOON,
            request: NEVER,
        };
        let mut client = TcpStream::connect(serve(times).await).await.unwrap();
        let half = "POST /takes HTTP/1.1\r\nhost: bank\r\n\
            connection: close\r\ncontent-length: 10\r\n\r\n{";
        client.write_all(half.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert!(answer.contains("/problems/body-too-slow"), "{answer}");
    }
}
