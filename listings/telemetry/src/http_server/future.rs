//! The handler at work.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use opentelemetry::Context as TraceContext;
use pin_project_lite::pin_project;

use super::{body::ResponseBody, request::Handling};

pin_project! {
    /// The response of [`HttpServer`](super::HttpServer), on its way.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        handling: Option<Handling>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, handling: Handling) -> Self {
        Self {
            inner,
            handling: Some(handling),
        }
    }
}

// ANCHOR: server-future
impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = in_request(this.handling, || this.inner.poll(cx));
        let result = ready!(polled);
        let handling = this.handling.take();
        Poll::Ready(match result {
            Ok(response) => Ok(ResponseBody::wrap(response, handling)),
            Err(error) => {
                if let Some(mut handling) = handling {
                    handling.exchange.fail("_OTHER");
                    handling.exchange.end();
                }
                Err(error)
            }
        })
    }
}
// ANCHOR_END: server-future

// ANCHOR: in-request
/// Runs a part of the request in its context. A panic is noted and goes on.
pub(super) fn in_request<T>(
    handling: &mut Option<Handling>,
    work: impl FnOnce() -> T,
) -> T {
    let context = handling.as_ref().map(|handling| handling.context().clone());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let _attached = context.map(TraceContext::attach);
        work()
    }));
    outcome.unwrap_or_else(|panic| {
        if let Some(mut handling) = handling.take() {
            handling.exchange.fail("panic");
            handling.exchange.end();
        }
        resume_unwind(panic)
    })
}
// ANCHOR_END: in-request
