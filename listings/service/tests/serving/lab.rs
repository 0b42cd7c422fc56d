//! A server with bounds so narrow that a test reaches them.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use service::{Connections, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// So long that no test reaches it.
pub(crate) const NEVER: Duration = Duration::from_secs(3_600);

/// So short that a test may wait for it.
pub(crate) const SOON: Duration = Duration::from_millis(100);

/// Bounds that nothing reaches.
pub(crate) fn wide() -> Connections {
    Connections {
        head: NEVER,
        write: NEVER,
        drain: NEVER,
        ..Connections::default()
    }
}

pub(crate) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(routes: Router, limits: Connections) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap() };
        let serving = tokio::spawn(serve(listener, routes, limits, stopped));
        Self {
            address,
            stop,
            serving,
        }
    }

    /// A client that has said `words`.
    pub(crate) async fn client(&self, words: &str) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let mut client = Client { stream };
        client.say(words).await;
        client
    }

    /// Asks it to stop.
    pub(crate) fn stop(self) -> JoinHandle<()> {
        self.stop.send(()).unwrap();
        self.serving
    }
}

/// Waits for the end of `serving`.
pub(crate) async fn ended(serving: JoinHandle<()>) {
    timeout(DEADLINE, serving).await.unwrap().unwrap();
}

pub(crate) struct Client {
    stream: TcpStream,
}

impl Client {
    pub(crate) async fn say(&mut self, words: &str) {
        self.stream.write_all(words.as_bytes()).await.unwrap();
    }

    /// Reads until all of `end` has come.
    pub(crate) async fn reads(&mut self, end: &str) -> String {
        let mut text = Vec::new();
        while !text.ends_with(end.as_bytes()) {
            let byte = timeout(DEADLINE, self.stream.read_u8()).await.unwrap();
            text.push(byte.unwrap_or_else(|error| {
                panic!("{error} after {}", String::from_utf8_lossy(&text))
            }));
        }
        String::from_utf8(text).unwrap()
    }

    /// Waits until the server hangs up; says what came until then.
    pub(crate) async fn left_alone(mut self) -> String {
        let mut text = Vec::new();
        let end = self.stream.read_to_end(&mut text);
        // Closed in order, or reset because words of ours were not read.
        let _ = timeout(DEADLINE, end)
            .await
            .expect("it holds the connection");
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// Sends a word when it is dropped.
pub(crate) struct Dropped(pub(crate) mpsc::UnboundedSender<&'static str>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

/// The next thing that happens.
pub(crate) async fn next(
    happens: &mut mpsc::UnboundedReceiver<&'static str>,
) -> &'static str {
    timeout(DEADLINE, happens.recv()).await.unwrap().unwrap()
}
