//! The viewer's event loop.

mod writer;

use super::{Console, Format, SvgFile, Waiting, output::Output};
use crate::{
    limits::Limits,
    otlp::{self, Arrival, Closed, Room, Sink},
    sockets::{Sockets, StartError},
    store::Evicted,
};
use std::{
    future::{Future, pending},
    io::{self, Write},
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use writer::Writer;

/// Requests between the network and the console; more have to wait.
const QUEUE: usize = 64;

/// The shortest time between two notices of dropped telemetry.
const NOTICE_INTERVAL: Duration = Duration::from_secs(1);

/// What the viewer shall do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where OTLP/HTTP arrives.
    pub http: SocketAddr,
    /// Where OTLP/gRPC arrives.
    pub grpc: SocketAddr,
    /// How much it takes and holds.
    pub limits: Limits,
    /// When a trace is finished.
    pub waiting: Waiting,
    /// What it writes.
    pub format: Format,
    /// Whether metrics are printed.
    pub metrics: bool,
    /// A picture to draw, too.
    pub svg: Option<SvgFile>,
    /// Ends after so many traces.
    pub exit_after: Option<usize>,
    /// Ends after so much time.
    pub run_for: Option<Duration>,
}

/// Why the viewer ended early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not listen.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It could not write a tree or a picture.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

/// Receives and prints until `stop` completes, or as the options say; then
/// prints what is not finished.
///
/// # Errors
///
/// When it cannot listen or cannot write.
pub async fn run(
    options: Options,
    writer: impl Write + Send + 'static,
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let sockets = Sockets::bind(options.http, options.grpc).await?;
    announce(&sockets)?;
    let (sender, queue) = mpsc::channel(QUEUE);
    let server = otlp::serve(sockets, options.limits, Queue(sender));
    let server = tokio::spawn(server);
    let Options {
        limits,
        waiting,
        format,
        metrics,
        ..
    } = options;
    let svg = options.svg;
    let output = Writer::Idle(Output {
        writer,
        format,
        svg,
    });
    let mut console = Console::new(limits, waiting, format, metrics);
    let most = options.exit_after.unwrap_or(usize::MAX);
    let until = options.run_for.map(|length| Instant::now() + length);
    let ended = show(&mut console, output, queue, most, async {
        tokio::select! {
            () = stop => {}
            () = sleep_or_forever(until) => {}
        }
    })
    .await;
    server.abort();
    eprintln!("otlp-console: {}", console.summary());
    Ok(ended?)
}

fn announce(sockets: &Sockets) -> io::Result<()> {
    let http = sockets.http.local_addr()?;
    let grpc = sockets.grpc.local_addr()?;
    eprintln!(
        "otlp-console: OTLP/HTTP on http://{http}, OTLP/gRPC on http://{grpc}"
    );
    if !(http.ip().is_loopback() && grpc.ip().is_loopback()) {
        eprintln!(
            "otlp-console: warning: it listens beyond this machine, and \
             whoever can reach it can send to it"
        );
    }
    Ok(())
}

async fn show<W: Write + Send + 'static>(
    console: &mut Console,
    mut writer: Writer<W>,
    mut queue: mpsc::Receiver<(Arrival, Room)>,
    most: usize,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    tokio::pin!(stop);
    let mut notices = Notices::default();
    loop {
        if let Writer::Idle(_) = writer {
            writer = writer.start(console.jobs(Instant::now(), most));
        }
        let is_idle = matches!(writer, Writer::Idle(_));
        let is_done = console.traces_printed() >= most;
        if is_idle && is_done {
            return Ok(());
        }
        tokio::select! {
            () = &mut stop => break,
            arrival = queue.recv(), if console.has_room() && !is_done => {
                match arrival {
                    // The room is given back: the store counts by itself.
                    Some((arrival, _room)) => {
                        console.take(arrival, Instant::now());
                    }
                    None => break,
                }
            }
            written = writer.done(), if !is_idle => written?,
            () = sleep_or_forever(console.next_due()), if is_idle => {}
        }
        notices.tell(console.store().evicted());
    }
    drain(console, writer, queue).await
}

/// Takes what senders have got an answer for, and refuses the rest.
async fn drain<W: Write + Send + 'static>(
    console: &mut Console,
    mut writer: Writer<W>,
    mut queue: mpsc::Receiver<(Arrival, Room)>,
) -> io::Result<()> {
    queue.close();
    while let Some((arrival, _room)) = queue.recv().await {
        console.take(arrival, Instant::now());
    }
    writer.done().await?;
    writer.start(console.unfinished()).done().await
}

async fn sleep_or_forever(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}

/// Tells that telemetry was dropped, but not more often than once a second.
#[derive(Default)]
struct Notices {
    told: Evicted,
    last: Option<Instant>,
}

impl Notices {
    fn tell(&mut self, evicted: Evicted) {
        let recent = |last: Instant| last.elapsed() < NOTICE_INTERVAL;
        if evicted == self.told || self.last.is_some_and(recent) {
            return;
        }
        eprintln!(
            "otlp-console: dropped so far to stay within limits: {evicted}"
        );
        *self = Self {
            told: evicted,
            last: Some(Instant::now()),
        };
    }
}

#[derive(Clone)]
struct Queue(mpsc::Sender<(Arrival, Room)>);

impl Sink for Queue {
    async fn deliver(
        &self,
        arrival: Arrival,
        room: Room,
    ) -> Result<(), Closed> {
        self.0.send((arrival, room)).await.map_err(|_| Closed)
    }
}

#[cfg(test)]
mod tests;
