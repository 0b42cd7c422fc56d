//! What no handler has to think of: too many requests, bodies that are too
//! large, and panics.

use std::{any::Any, mem, sync::Arc, time::Duration};

use axum::{
    BoxError, Router,
    body::Body,
    error_handling::HandleErrorLayer,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use tokio::time::timeout_at;
use tower::{
    ServiceBuilder, limit::GlobalConcurrencyLimitLayer,
    load_shed::LoadShedLayer,
};
use tower_http::catch_panic::CatchPanicLayer;

use super::{
    App,
    problem::{Problem, kinds},
};
use crate::deadline::Deadline;

/// How large a body may be.
pub(super) const BODY: usize = 64 * 1024;

/// How much of a body that is too large is read all the same. Whoever hangs up
/// on a client that still sends takes the answer away from it.
const PATIENCE: usize = 16 * BODY;

// ANCHOR: shed
/// Works on so many requests at a time, and turns the next one away at once.
/// A queue would only make everybody late.
pub(super) fn shed(
    routes: Router<Arc<App>>,
    app: &Arc<App>,
) -> Router<Arc<App>> {
    let instruments = app.instruments.clone();
    let refuse = async move |_: BoxError| {
        instruments.shed.add(1, &[]);
        Problem::new(&kinds::OVERLOADED)
    };
    routes.layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(refuse))
            .layer(LoadShedLayer::new())
            .layer(GlobalConcurrencyLimitLayer::new(app.concurrency)),
    )
}
// ANCHOR_END: shed

// ANCHOR: guarded
/// Guards `routes` against large bodies, slow clients and panics. The time of
/// a request runs from here: the longer a client takes to send it, the less is
/// left for the backends.
pub(super) fn guarded(routes: Router, budget: Duration) -> Router {
    routes
        .layer(from_fn_with_state(budget, read_body))
        .layer(CatchPanicLayer::custom(panicked))
}

async fn read_body(
    State(budget): State<Duration>,
    mut request: Request,
    next: Next,
) -> Response {
    let deadline = Deadline::within(budget);
    let body = mem::take(request.body_mut());
    let reading = timeout_at(deadline.instant(), read(body)).await;
    match reading.unwrap_or(Err(Problem::new(&kinds::UPLOAD_TIMED_OUT))) {
        Ok(body) => *request.body_mut() = Body::from(body),
        Err(problem) => return problem.into_response(),
    }
    request.extensions_mut().insert(deadline);
    next.run(request).await
}
// ANCHOR_END: guarded

/// Reads a body to its end, before anything else happens.
async fn read(mut body: Body) -> Result<Vec<u8>, Problem> {
    let (mut kept, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::new(&kinds::MALFORMED_BODY))?;
        let data = frame.into_data().unwrap_or_default();
        length += data.len();
        if length <= BODY {
            kept.extend_from_slice(&data);
        } else if length > PATIENCE {
            break;
        }
    }
    match length {
        ..=BODY => Ok(kept),
        _ => Err(Problem::new(&kinds::BODY_TOO_LARGE)),
    }
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // What it says may hold anything, and the panic hook has printed it.
    tracing::error!(name: "request.panicked", "a request panicked");
    Problem::new(&kinds::INTERNAL).into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::{Router, routing::get};
    use tokio::net::TcpListener;

    use super::guarded;

    async fn explode() {
        panic!("on purpose");
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_problem_without_its_words() {
        let routes = Router::new().route("/", get(explode));
        let routes = guarded(routes, Duration::from_secs(5));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let answer = reqwest::get(format!("http://{address}")).await.unwrap();
        assert_eq!(answer.status(), 500);
        let kind = &answer.headers()["content-type"];
        assert_eq!(kind, "application/problem+json");
        let body = answer.text().await.unwrap();
        assert!(body.contains("/problems/internal"), "{body}");
        assert!(!body.contains("purpose"), "{body}");
    }
}
