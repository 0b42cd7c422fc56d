//! Server spans and metrics for axum and other tower services.

mod body;
mod future;
mod request;

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use http_body::Body;
use opentelemetry::metrics::{Histogram, UpDownCounter};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::metric::{
    HTTP_SERVER_ACTIVE_REQUESTS, HTTP_SERVER_REQUEST_DURATION,
};
use tower::{Layer, Service};

pub use body::ResponseBody;
pub use future::ResponseFuture;

use crate::{
    exchange::duration_histogram, propagation::Propagator, start::Telemetry,
};

// ANCHOR: http-server-layer
/// Gives every request exactly one server span, and measures it.
///
/// Add it to a finished `Router`, after all routes and the fallback. It then
/// sees every request, those that no route matches among them, and knows the
/// route's template:
///
/// ```
/// # fn app(telemetry: &telemetry::Telemetry) -> axum::Router {
/// # let router: axum::Router = axum::Router::new();
/// // let router = Router::new().route("/users/{id}", get(user))…
/// router.layer(telemetry.http_server_layer())
/// # }
/// ```
///
/// - The span is `{method} {route}`, or `{method}` where no route matched. The
///   handler runs in its context: spans and logs inside belong to it.
/// - It ends with the last byte of the response body. A request that is given
///   up before, by a client that went away or by an outer timeout, ends there,
///   with `error.type=cancelled`.
/// - Status 5xx is an error, 4xx is not: the client made it.
/// - A panic ends the span with `error.type=panic` and goes on. A
///   `CatchPanicLayer` added before this layer (inside it) makes it a 500
///   first, so the span says 500; one added after it answers the client, and
///   the span says panic.
/// - No query, no user agent and no client address are recorded.
/// - Metrics: `http.server.request.duration`, `http.server.active_requests`.
///
/// The official `opentelemetry-instrumentation-tower` 0.19 can only use the
/// global providers, ends its span when the response head is ready, and puts
/// unknown methods into span names. It also records the query string and the
/// user agent, which may be personal data.
#[derive(Clone, Debug)]
pub struct HttpServerLayer {
    instruments: Arc<Instruments>,
}
// ANCHOR_END: http-server-layer

#[derive(Debug)]
struct Instruments {
    tracer: SdkTracer,
    propagator: Propagator,
    duration: Histogram<f64>,
    active: UpDownCounter<i64>,
}

impl HttpServerLayer {
    pub(crate) fn new(telemetry: &Telemetry) -> Self {
        let meter = telemetry.meter("telemetry.http_server");
        Self {
            instruments: Arc::new(Instruments {
                tracer: telemetry.tracer("telemetry.http_server"),
                propagator: Arc::clone(telemetry.propagator()),
                duration: duration_histogram(
                    &meter,
                    HTTP_SERVER_REQUEST_DURATION,
                ),
                active: meter
                    .i64_up_down_counter(HTTP_SERVER_ACTIVE_REQUESTS)
                    .with_unit("{request}")
                    .build(),
            }),
        }
    }
}

impl<S> Layer<S> for HttpServerLayer {
    type Service = HttpServer<S>;

    fn layer(&self, inner: S) -> HttpServer<S> {
        HttpServer {
            inner,
            instruments: Arc::clone(&self.instruments),
        }
    }
}

/// The service that [`HttpServerLayer`] makes.
#[derive(Clone, Debug)]
pub struct HttpServer<S> {
    inner: S,
    instruments: Arc<Instruments>,
}

// ANCHOR: http-server-call
impl<S, B, R> Service<Request<B>> for HttpServer<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let handling = self.instruments.start(&request);
        let _attached = handling.context().clone().attach();
        ResponseFuture::new(self.inner.call(request), handling)
    }
}
// ANCHOR_END: http-server-call
