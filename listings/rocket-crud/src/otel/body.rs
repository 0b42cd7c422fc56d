//! The body on its way to the client.

use std::{
    io,
    pin::Pin,
    task::{Context as Task, Poll, ready},
};

use opentelemetry::Context;
use rocket::{
    Response,
    http::Status,
    response::Body,
    tokio::io::{AsyncRead, AsyncSeek, ReadBuf},
};

use super::exchange::Exchange;

// ANCHOR: observe-body
/// Watches a body that Rocket reads while it sends it, in several pieces.
///
/// One that fits into a piece is left alone: no client leaves half way.
pub(super) async fn observe<'r>(
    exchange: &'r Exchange,
    status: Status,
    response: &mut Response<'r>,
) {
    // Rocket drops the body of such a response, and reads none of it.
    let is_dropped =
        exchange.is_head() || matches!(status.code, 101 | 204 | 304);
    if is_dropped || response.body().is_none() {
        return;
    }
    let piece = response.body().max_chunk_size();
    let size = response.body_mut().size().await;
    if size.is_some_and(|size| size <= piece) {
        return;
    }
    // A stream of events has no end but that the client leaves.
    let kind = response.content_type();
    let is_over = kind.is_some_and(|kind| kind.is_event_stream());
    let body = Watched {
        inner: response.body_mut().take(),
        context: exchange.context(),
        exchange,
        left: size,
        is_over,
    };
    match size {
        Some(size) => response.set_sized_body(size, body),
        None => response.set_streamed_body(body),
    }
    response.set_max_chunk_size(piece);
}
// ANCHOR_END: observe-body

struct Watched<'r> {
    inner: Body<'r>,
    context: Context,
    exchange: &'r Exchange,
    /// How much of a body of a known size is still to come.
    left: Option<usize>,
    /// Whether the client may leave.
    is_over: bool,
}

// ANCHOR: watched
impl AsyncRead for Watched<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Task<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let _attached = this.context.clone().attach();
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut this.inner).poll_read(task, buffer));
        let number = buffer.filled().len() - before;
        this.left = this.left.map(|left| left.saturating_sub(number));
        let is_short = number == 0 && this.left > Some(0);
        if read.is_err() || is_short {
            this.exchange.fail("response_body");
        }
        // What comes after the last byte that was announced is not sent.
        this.is_over |= read.is_err() || number == 0 || this.left == Some(0);
        Poll::Ready(read)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.exchange.fail("cancelled");
        }
    }
}
// ANCHOR_END: watched

/// Rocket seeks to learn a size, and the size of this one is known.
impl AsyncSeek for Watched<'_> {
    fn start_seek(self: Pin<&mut Self>, _: io::SeekFrom) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn poll_complete(
        self: Pin<&mut Self>,
        _: &mut Task<'_>,
    ) -> Poll<io::Result<u64>> {
        Poll::Ready(Err(io::ErrorKind::Unsupported.into()))
    }
}
