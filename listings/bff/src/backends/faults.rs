//! Trouble on demand: what makes real backends hard to live with.

use std::{
    convert::Infallible,
    future::pending,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

// ANCHOR: faults
/// How a backend misbehaves from now on.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// How long each answer takes.
    pub latency_ms: u64,
    /// One of so many is slow; 0 for none.
    pub slow_every: u64,
    /// How long the slow ones take.
    pub slow_ms: u64,
    /// What is wrong with each answer.
    pub failure: Option<Failure>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Status 500.
    Error,
    /// Status 200, and half an answer.
    Garbage,
    /// No answer, ever.
    Hang,
    /// Status 200, and an answer without end.
    Huge,
    /// Status 200, and an answer that comes byte by byte and never ends.
    Trickle,
}
// ANCHOR_END: faults

/// The faults of a backend, and how often it was asked.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    faults: Mutex<Faults>,
    requests: AtomicU64,
    running: AtomicU64,
}

/// What a backend has seen since its faults were set.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    requests: u64,
    running: u64,
}

/// A request that is worked on, until its caller has gone.
struct Running<'a>(&'a Trouble);

impl<'a> Running<'a> {
    fn start(trouble: &'a Trouble) -> Self {
        trouble.running.fetch_add(1, Ordering::SeqCst);
        Self(trouble)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// `PUT /faults`
pub(super) async fn set(
    State(trouble): State<Arc<Trouble>>,
    Json(faults): Json<Faults>,
) -> StatusCode {
    *trouble
        .faults
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = faults;
    trouble.requests.store(0, Ordering::SeqCst);
    StatusCode::NO_CONTENT
}

/// `GET /faults`
pub(super) async fn seen(State(trouble): State<Arc<Trouble>>) -> Json<Seen> {
    Json(Seen {
        requests: trouble.requests.load(Ordering::SeqCst),
        running: trouble.running.load(Ordering::SeqCst),
    })
}

/// Misbehaves, or lets the request pass.
pub(super) async fn inject(
    State(trouble): State<Arc<Trouble>>,
    request: Request,
    next: Next,
) -> Response {
    let _running = Running::start(&trouble);
    let number = trouble.requests.fetch_add(1, Ordering::SeqCst) + 1;
    let faults = *trouble
        .faults
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let is_slow = faults.slow_every > 0 && number % faults.slow_every == 0;
    sleep(Duration::from_millis(match is_slow {
        true => faults.slow_ms,
        false => faults.latency_ms,
    }))
    .await;
    match faults.failure {
        None => next.run(request).await,
        Some(Failure::Error) => {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Some(Failure::Garbage) => json("[{\"id\":\"u-".into()),
        Some(Failure::Hang) => pending().await,
        Some(Failure::Huge) => json(endless()),
        Some(Failure::Trickle) => json(trickle()),
    }
}

fn json(body: Body) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// A list of which only the first 16 MiB come, if anybody reads that far.
fn endless() -> Body {
    Body::from("[0,".repeat(16 * 1024 * 1024 / 3))
}

/// Blanks, which may stand before any JSON, and nothing after them.
fn trickle() -> Body {
    Body::from_stream(stream::unfold((), async |()| {
        sleep(Duration::from_millis(20)).await;
        Some((Ok::<_, Infallible>(" "), ()))
    }))
}
