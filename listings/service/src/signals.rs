//! The signals that ask a program to stop.

use std::{io, process};

use tokio::signal::unix::{Signal, SignalKind, signal};

// ANCHOR: signals
/// SIGTERM and Ctrl-C, heard as long as this exists.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Hears signals from now on. Be here before telling anybody that the
    /// program is ready: they may send one at once.
    ///
    /// # Errors
    /// When the operating system does not let us.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first signal. From then on, the second one ends the
    /// process at once.
    pub async fn stop(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            process::exit(130);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
// ANCHOR_END: signals
