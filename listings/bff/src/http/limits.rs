//! What no handler has to think of: too many requests, bodies that are too
//! large, and panics.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    BoxError, Router,
    body::{Body, Bytes},
    error_handling::HandleErrorLayer,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use http_body_util::LengthLimitError;
use tokio::time::timeout;
use tower::{
    ServiceBuilder, limit::GlobalConcurrencyLimitLayer,
    load_shed::LoadShedLayer,
};
use tower_http::catch_panic::CatchPanicLayer;

use super::{
    App,
    problem::{Problem, kinds},
};

/// How large a body may be.
pub(super) const BODY: usize = 64 * 1024;

/// How long a client may take to send its request.
const UPLOAD: Duration = Duration::from_secs(5);

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
/// Guards `routes` against large bodies, slow clients and panics.
pub(super) fn guarded(routes: Router) -> Router {
    routes
        .layer(from_fn(read_body))
        .layer(CatchPanicLayer::custom(panicked))
}

/// Reads the whole body before anything else, up to a limit in bytes and in
/// time.
async fn read_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match timeout(UPLOAD, read(body)).await {
        Ok(Ok(body)) => {
            let request = Request::from_parts(parts, Body::from(body));
            next.run(request).await
        }
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => Problem::new(&kinds::UPLOAD_TIMED_OUT).into_response(),
    }
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    axum::body::to_bytes(body, BODY).await.map_err(|error| {
        let is_long = error.into_inner().is::<LengthLimitError>();
        Problem::new(match is_long {
            true => &kinds::BODY_TOO_LARGE,
            false => &kinds::MALFORMED_BODY,
        })
    })
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // What it says may hold anything, and the panic hook has printed it.
    tracing::error!(name: "request.panicked", "a request panicked");
    Problem::new(&kinds::INTERNAL).into_response()
}
// ANCHOR_END: guarded
