//! The streamed body on its way to the client.

use std::{
    io,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

use opentelemetry::Context;
use rocket::{
    Response,
    response::Body,
    tokio::io::{AsyncRead, ReadBuf},
};

use super::exchange::Exchange;

// ANCHOR: observe-body
/// Watches a body whose size is not known, which Rocket reads while it sends.
///
/// One of a known size is left alone: it is there in full, and Rocket sends
/// it without asking anybody.
pub(super) async fn observe<'r>(
    exchange: &'r Exchange,
    response: &mut Response<'r>,
) {
    let body = response.body_mut();
    if body.is_none() || exchange.is_head() || body.size().await.is_some() {
        return;
    }
    let chunk = body.max_chunk_size();
    let body = Streamed {
        inner: body.take(),
        context: exchange.context(),
        exchange,
        is_over: false,
    };
    response.set_streamed_body(body);
    response.set_max_chunk_size(chunk);
}
// ANCHOR_END: observe-body

struct Streamed<'r> {
    inner: Body<'r>,
    context: Context,
    exchange: &'r Exchange,
    is_over: bool,
}

// ANCHOR: streamed
impl AsyncRead for Streamed<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Task<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let _attached = this.context.clone().attach();
        let filled = buffer.filled().len();
        let read = ready!(Pin::new(&mut this.inner).poll_read(task, buffer));
        if read.is_err() {
            this.exchange.fail("response_body");
        }
        this.is_over = read.is_err() || buffer.filled().len() == filled;
        Poll::Ready(read)
    }
}

impl Drop for Streamed<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.exchange.fail("cancelled");
        }
    }
}
// ANCHOR_END: streamed
