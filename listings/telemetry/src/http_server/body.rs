//! The response on its way to the client.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Buf;
use http::{HeaderMap, Response, StatusCode, header::CONTENT_LENGTH};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{future::in_request, request::Handling};

pin_project! {
    /// A response body that ends the server span with its last byte.
    #[derive(Debug)]
    pub struct ResponseBody<R> {
        #[pin]
        inner: R,
        handling: Option<Handling>,
        left: Option<u64>,
    }
}

impl<R: Body> ResponseBody<R> {
    pub(super) fn wrap(
        response: Response<R>,
        mut handling: Option<Handling>,
    ) -> Response<Self> {
        let status = response.status();
        let left = content_length(response.headers());
        let is_head = handling.as_ref().is_some_and(|h| h.is_head);
        let no_body = response.body().is_end_stream() || left == Some(0);
        if let Some(handling) = &mut handling {
            handling.exchange.respond(status, status.is_server_error());
        }
        // The server does not even ask such a body for its first frame.
        if no_body || is_head || forbids_body(status) {
            complete(&mut handling);
        }
        response.map(|inner| Self {
            inner,
            handling,
            left,
        })
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn forbids_body(status: StatusCode) -> bool {
    status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
}

fn complete(handling: &mut Option<Handling>) {
    if let Some(mut handling) = handling.take() {
        handling.exchange.end();
    }
}

// ANCHOR: body-poll
impl<R: Body> Body for ResponseBody<R> {
    type Data = R::Data;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<R::Data>, R::Error>>> {
        let mut this = self.project();
        let inner = this.inner.as_mut();
        let frame = ready!(in_request(this.handling, || inner.poll_frame(cx)));
        match &frame {
            Some(Ok(frame)) => {
                let sent = frame.data_ref().map_or(0, Buf::remaining) as u64;
                *this.left = this.left.map(|left| left.saturating_sub(sent));
                // A server stops asking once it has all it expects.
                let last = frame.is_trailers() || *this.left == Some(0);
                if last || this.inner.is_end_stream() {
                    complete(this.handling);
                }
            }
            Some(Err(_)) => {
                if let Some(handling) = this.handling {
                    handling.exchange.fail("response_body");
                }
                complete(this.handling);
            }
            None => complete(this.handling),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
// ANCHOR_END: body-poll
