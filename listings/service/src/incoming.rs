//! Connections, so many at a time, and none whose client does not read.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;

use crate::Connections;

/// A listener with bounds.
pub struct Incoming {
    listener: TcpListener,
    free: Arc<Semaphore>,
    write: Duration,
    silence: Option<Duration>,
}

impl Incoming {
    /// Takes as many connections from `listener` at a time as `limits` say.
    pub fn new(listener: TcpListener, limits: &Connections) -> Self {
        let most = usize::try_from(limits.most.get()).unwrap_or(usize::MAX);
        let most = most.min(Semaphore::MAX_PERMITS);
        Self {
            listener,
            free: Arc::new(Semaphore::new(most)),
            write: limits.write,
            silence: None,
        }
    }

    /// Lets a client go of which nothing is heard for so long. For protocols
    /// whose clients always have something to say.
    #[must_use]
    pub fn silent_for(mut self, longest: Duration) -> Self {
        self.silence = Some(longest);
        self
    }
}

// ANCHOR: accept
impl Incoming {
    /// The next connection, when there is room for it.
    pub async fn next(&mut self) -> Connection {
        let room = Arc::clone(&self.free).acquire_owned().await;
        // axum's own way to accept: it takes errors as they come, and waits a
        // second when there are no files left.
        let (stream, _) = Listener::accept(&mut self.listener).await;
        // Only a hint: small answers go at once.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.write));
        stream.set_read_timeout(self.silence);
        Connection {
            stream: Box::pin(stream),
            // Nobody closes the semaphore.
            _room: room.ok(),
        }
    }
}

/// A connection to a client. Its end makes room for the next one.
pub struct Connection {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    _room: Option<OwnedSemaphorePermit>,
}
// ANCHOR_END: accept

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}

#[cfg(feature = "grpc")]
impl tonic::transport::server::Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}
