//! Runs that somebody has asked for.
//!
//! Each is a file before anybody is told that it will be done. What a process
//! leaves undone, the next one does: a run goes on where it stopped. The file
//! has the trace of the request in it, so that the run belongs to that trace,
//! whichever process does it.

mod record;
mod worker;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use opentelemetry::Context;
use telemetry::Propagator;
use tokio::{sync::mpsc, task::spawn_blocking};
use uuid::Uuid;

use crate::etl::{EtlError, Progress};
pub use record::Outcome;
use record::Record;
pub use worker::Worker;

/// The most runs that wait.
const MOST_WAITING: usize = 16;

/// The most finished runs that are remembered.
const MOST_KEPT: usize = 1_000;

/// Why a run is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Many wait already.
    #[error("too many runs wait")]
    Full,
    /// It could not be written down.
    #[error(transparent)]
    File(#[from] EtlError),
}

/// How a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Others come before it.
    Waiting,
    /// It is being done.
    Running {
        /// The stage that runs.
        stage: Option<&'static str>,
        /// Rows that this stage has read so far.
        rows: u64,
    },
    /// It has come to an end.
    Ended(Outcome),
}

/// All runs that were asked for.
#[derive(Clone)]
pub struct Jobs {
    folder: PathBuf,
    propagator: Propagator,
    queue: mpsc::Sender<Uuid>,
    running: Running,
}

/// The run that is being done, if one is.
type Running = Arc<Mutex<Option<(Uuid, Progress)>>>;

impl Jobs {
    /// Those of a folder, and what does them. Those that an earlier process
    /// has left undone come first.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn open(
        folder: PathBuf,
        propagator: &Propagator,
    ) -> Result<(Self, Worker), EtlError> {
        let left = record::undone(&folder, MOST_KEPT)?;
        let (queue, asked) = mpsc::channel(MOST_WAITING + left.len());
        for id in left {
            // There is a place for each of them.
            let _ = queue.try_send(id);
        }
        let jobs = Self {
            folder,
            propagator: Arc::clone(propagator),
            queue,
            running: Running::default(),
        };
        let worker = Worker::new(&jobs, asked);
        Ok((jobs, worker))
    }
}

// ANCHOR: accept
impl Jobs {
    /// Writes a run down, which makes it a promise, and gives it a name. It
    /// belongs to the trace of this call.
    ///
    /// # Errors
    /// When many wait already, or the disk does not take it.
    pub async fn accept(&self) -> Result<Uuid, JobError> {
        let place = self.queue.try_reserve().map_err(|_| JobError::Full)?;
        let id = Uuid::now_v7();
        let mut record = Record::default();
        let here = Context::current();
        self.propagator.inject_context(&here, &mut record.trace);
        let folder = self.folder.clone();
        let written = spawn_blocking(move || record.write(&folder, id)).await;
        written.map_err(|_| JobError::Full)??;
        place.send(id);
        Ok(id)
    }
}
// ANCHOR_END: accept

impl Jobs {
    /// How a run is, if there is one of this name.
    ///
    /// # Errors
    /// When the disk cannot be read.
    pub fn status(&self, id: Uuid) -> Result<Option<Status>, EtlError> {
        let running = self.running.lock();
        let running = running.unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, progress)) = running.filter(|(it, _)| *it == id) {
            let at = progress.now();
            return Ok(Some(Status::Running {
                stage: at.stage,
                rows: at.rows,
            }));
        }
        let record = Record::read(&self.folder, id)?;
        Ok(record.map(|record| match record.outcome {
            Some(outcome) => Status::Ended(outcome),
            None => Status::Waiting,
        }))
    }
}
