//! The way from a request's bytes to the sink, the same for both protocols.
//!
//! Nothing is held for a request whose bytes have not come but those bytes.
//! Decoding is work for a thread of its own kind: whoever sends what is
//! costly to read does not keep others from being served.

use super::{
    Export, Rejected, Sink,
    batch::{Format, Refused, read},
};
use crate::limits::Limits;
use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

/// Memory of a request that waits to be held: returned when this is dropped.
pub(crate) type Room = OwnedSemaphorePermit;

/// Takes requests of both protocols in.
#[derive(Clone)]
pub(super) struct Intake<S> {
    pub(super) limits: Limits,
    sink: S,
    bodies: Arc<Semaphore>,
    /// Turns for small requests, and for large ones: what is costly waits for
    /// what is costly.
    decoders: [Arc<Semaphore>; 2],
    /// In KiB, because a semaphore counts in 32 bits at a time.
    decoded: Arc<Semaphore>,
}

impl<S: Sink> Intake<S> {
    pub(super) fn new(limits: Limits, sink: S) -> Self {
        let semaphore = |permits: usize| {
            let permits = permits.clamp(1, Semaphore::MAX_PERMITS);
            Arc::new(Semaphore::new(permits))
        };
        Self {
            limits,
            sink,
            bodies: semaphore(limits.batch_bytes()),
            decoders: [(); 2].map(|()| semaphore(limits.requests)),
            decoded: semaphore(kib(limits.batch_bytes()) as usize),
        }
    }

    /// A count of the bytes of one request.
    pub(super) fn bytes_of_one(&self) -> Arc<Held> {
        Arc::new(Held {
            room: Arc::clone(&self.bodies),
            most: self.limits.message_bytes,
            taken: AtomicUsize::new(0),
            refused: AtomicBool::new(false),
        })
    }

    /// Decodes a request and hands it to the sink.
    pub(super) async fn accept<E: Export>(
        &self,
        format: Format,
        body: Bytes,
        held: Arc<Held>,
    ) -> Result<Rejected, Refused> {
        let is_large = body.len() > self.limits.small_bytes();
        let decoders = &self.decoders[usize::from(is_large)];
        let turn = Arc::clone(decoders).acquire_owned().await;
        let turn = turn.map_err(|_| Refused::Closed)?;
        let limits = self.limits;
        // The turn goes along: the work goes on when the sender hangs up.
        let work = spawn_blocking(move || {
            let batch = read::<E>(&body, format, &limits);
            drop((body, held));
            (batch, turn)
        });
        let (batch, turn) = work.await.map_err(|_| Refused::Broken)?;
        let batch = batch?;
        let most = kib(self.limits.batch_bytes());
        let room = kib(batch.bytes).min(most);
        let decoded = Arc::clone(&self.decoded);
        let room = decoded.acquire_many_owned(room).await;
        let room = room.map_err(|_| Refused::Closed)?;
        drop(turn);
        let delivered = self.sink.deliver(batch.arrival, room).await;
        delivered.map_err(|_| Refused::Closed)?;
        Ok(batch.rejected)
    }
}

fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
}

/// The bytes that one request has in memory, of those that all may have.
pub(super) struct Held {
    room: Arc<Semaphore>,
    /// More than this is refused for its size, and not kept.
    most: usize,
    taken: AtomicUsize,
    refused: AtomicBool,
}

impl Held {
    /// Counts more bytes; fails when there is no room, instead of waiting:
    /// requests that wait for each other's room would never end.
    pub(super) fn take(&self, bytes: usize) -> Result<(), Refused> {
        let bytes = bytes.min(self.most.saturating_sub(self.taken()));
        let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        match self.room.try_acquire_many(permits) {
            Ok(permit) => {
                permit.forget();
                self.taken.fetch_add(permits as usize, Ordering::Relaxed);
                Ok(())
            }
            Err(_) => {
                self.refused.store(true, Ordering::Relaxed);
                Err(Refused::Busy)
            }
        }
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.add_permits(*self.taken.get_mut());
    }
}

/// A request's body whose bytes are counted as they come.
pub(super) struct Counted {
    pub(super) body: Body,
    pub(super) held: Arc<Held>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(frame.map(|frame| {
            let frame = frame?;
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            self.held.take(bytes).map_err(|busy| {
                // gRPC looks for a status among the causes.
                tonic::Status::unavailable(busy.to_string())
            })?;
            Ok(frame)
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
