use super::*;
use crate::{
    Terminal,
    model::{Span, SpanKind, TraceId},
    testing::span,
};
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};

/// Writes nothing before it may.
struct Gate(std::sync::mpsc::Receiver<()>);

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // It is opened by the end of the other side.
        _ = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One thread for everything: what blocks it, blocks the test for ever.
#[tokio::test]
async fn requests_and_signals_go_on_while_a_trace_is_written() {
    const REQUESTS: usize = 3 * QUEUE;
    let (open, gate) = std::sync::mpsc::channel();
    let format = Format::Tree(Terminal::default());
    let writer = Writer::Idle(Output {
        writer: Gate(gate),
        format,
        svg: None,
    });
    let waiting = Waiting {
        settle: Duration::ZERO,
        patience: Duration::ZERO,
    };
    let mut console = Console::new(Limits::default(), waiting, format, false);
    let (sender, queue) = mpsc::channel(QUEUE);
    let (stop, stopped) = oneshot::channel();
    let room = Arc::new(Semaphore::new(REQUESTS));
    let send = async {
        for nth in 0..REQUESTS {
            let trace_id = TraceId((nth as u128 + 1).to_be_bytes());
            let arrival = Arrival {
                spans: vec![Span {
                    trace_id,
                    ..span(1, None, SpanKind::Server)
                }],
                ..Arrival::default()
            };
            let room = Arc::clone(&room).acquire_owned().await.unwrap();
            assert!(sender.send((arrival, room)).await.is_ok());
        }
        // All were taken, and nothing has been written.
        stop.send(()).unwrap();
        tokio::task::yield_now().await;
        drop((open, sender));
    };
    let stop = async { stopped.await.unwrap() };
    let show = show(&mut console, writer, queue, usize::MAX, stop);
    let (shown, ()) = tokio::join!(show, send);
    shown.unwrap();
    assert_eq!(console.traces_printed(), REQUESTS);
}
