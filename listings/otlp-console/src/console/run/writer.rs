//! The thread that writes.

use crate::console::output::{Job, Output};
use std::io::{self, Write};
use tokio::task::{JoinHandle, spawn_blocking};

/// Writes on a thread of its own: a large trace takes seconds to draw, and
/// the reader of a pipe may take for ever, but requests and signals go on.
pub(super) enum Writer<W> {
    Idle(Output<W>),
    Busy(JoinHandle<(Output<W>, io::Result<()>)>),
    /// It has failed.
    Gone,
}

impl<W: Write + Send + 'static> Writer<W> {
    pub(super) fn start(self, jobs: Vec<Job>) -> Self {
        match self {
            Self::Idle(mut output) if !jobs.is_empty() => {
                Self::Busy(spawn_blocking(move || {
                    let written = output.write(jobs);
                    (output, written)
                }))
            }
            other => other,
        }
    }

    /// Waits for what was started. May be dropped and called again.
    pub(super) async fn done(&mut self) -> io::Result<()> {
        let Self::Busy(task) = self else {
            return Ok(());
        };
        match task.await {
            Ok((output, written)) => {
                *self = Self::Idle(output);
                written
            }
            Err(error) => {
                *self = Self::Gone;
                Err(io::Error::other(error))
            }
        }
    }
}
