//! Does one run after the other.

use std::{path::PathBuf, sync::PoisonError};

use telemetry::{Propagator, carry};
use tokio::{sync::mpsc, sync::oneshot, task::spawn_blocking};
use uuid::Uuid;

use super::{Jobs, Outcome, Running, record::Record};
use crate::{
    Observer,
    etl::{self, EtlError, Progress, Settings},
};

/// Does one run after the other, until it is told to stop.
pub struct Worker {
    folder: PathBuf,
    propagator: Propagator,
    running: Running,
    asked: mpsc::Receiver<Uuid>,
}

impl Worker {
    pub(super) fn new(jobs: &Jobs, asked: mpsc::Receiver<Uuid>) -> Self {
        Self {
            folder: jobs.folder.clone(),
            propagator: jobs.propagator.clone(),
            running: jobs.running.clone(),
            asked,
        }
    }

    /// Does all that is asked, with these settings, until `stop` is sent or
    /// dropped. The run that is under way then stops between two pieces of
    /// rows, and the next process goes on with it.
    pub async fn work(
        mut self,
        observer: Observer,
        settings: Settings,
        mut stop: oneshot::Receiver<()>,
    ) {
        loop {
            let id = tokio::select! {
                biased;
                _ = &mut stop => return,
                id = self.asked.recv() => id,
            };
            let Some(id) = id else { return };
            let progress = Progress::default();
            self.show(Some((id, progress.clone())));
            let run = self.run(id, &observer, &settings, &progress);
            tokio::pin!(run);
            let stopped = tokio::select! {
                () = &mut run => false,
                _ = &mut stop => true,
            };
            if stopped {
                progress.stop();
                run.await;
                return;
            }
            self.show(None);
        }
    }

    fn show(&self, run: Option<(Uuid, Progress)>) {
        let running = self.running.lock();
        *running.unwrap_or_else(PoisonError::into_inner) = run;
    }

    /// Does a run, and writes down what has come of it.
    async fn run(
        &self,
        id: Uuid,
        observer: &Observer,
        settings: &Settings,
        progress: &Progress,
    ) {
        let work = Work {
            folder: self.folder.clone(),
            propagator: self.propagator.clone(),
            observer: observer.clone(),
            settings: settings.clone(),
            progress: progress.clone(),
        };
        let work = carry::closure(move || work.run(id));
        let ended = match spawn_blocking(work).await {
            Ok(ended) => ended,
            Err(_) => self.give_up(id),
        };
        if let Err(error) = ended {
            // The next process will find it undone, and try again.
            tracing::error!(
                name: "run.not_recorded",
                { error.type = error.kind() },
                "what has come of a run could not be written down"
            );
        }
    }

    /// A run that panics would do so in the next process, too.
    fn give_up(&self, id: Uuid) -> Result<(), EtlError> {
        let error = "panic".to_owned();
        Record::end(&self.folder, id, Outcome::Failed { error })
    }
}

/// All that a run needs on its thread.
struct Work {
    folder: PathBuf,
    propagator: Propagator,
    observer: Observer,
    settings: Settings,
    progress: Progress,
}

// ANCHOR: work
impl Work {
    fn run(self, id: Uuid) -> Result<(), EtlError> {
        let Some(record) = Record::read(&self.folder, id)? else {
            return Ok(());
        };
        let request = self.propagator.extract(&record.trace);
        let ended = {
            let _attached = request.attach();
            etl::run(&self.observer, &self.settings, &self.progress)
        };
        if matches!(ended, Err(EtlError::Stopped { .. })) {
            return Ok(());
        }
        Record::end(&self.folder, id, Outcome::from(ended))
    }
}
// ANCHOR_END: work
