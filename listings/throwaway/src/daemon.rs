//! A server that ends and comes back, in a directory of its own.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::process::Signal;

use crate::{StartError, home::Home, process::Process};

/// A program with its directory, and its process while it runs.
#[derive(Debug)]
pub(crate) struct Daemon {
    process: Mutex<Option<Process>>,
    home: Home,
    program: PathBuf,
    /// The signal that ends it quickly and tidily.
    end: Signal,
    log: &'static str,
}

impl Daemon {
    /// Nothing runs yet.
    pub(crate) fn new(
        program: PathBuf,
        end: Signal,
        log: &'static str,
    ) -> Result<Self, StartError> {
        Ok(Self {
            process: Mutex::new(None),
            home: Home::make(end)?,
            program,
            end,
            log,
        })
    }

    /// Starts the program as `arguments` say, after ending it if it runs.
    pub(crate) fn restart(
        &self,
        arguments: impl FnOnce(&mut Command),
        ready: impl Fn() -> bool,
    ) -> Result<(), StartError> {
        let mut process = self.process();
        if let Some(running) = process.take() {
            running.end(self.end).map_err(|cause| {
                let program = self.program.clone();
                StartError::Run { program, cause }
            })?;
        }
        let mut command = self.home.command(&self.program);
        arguments(&mut command);
        *process = Some(Process::start(command, &self.log_file(), ready)?);
        Ok(())
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        self.process().take().map_or(Ok(()), Process::kill)
    }

    pub(crate) fn stop(&self) -> io::Result<()> {
        let end = |process: Process| process.end(self.end);
        self.process().take().map_or(Ok(()), end)
    }

    pub(crate) fn directory(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.directory().join(self.log)
    }

    pub(crate) fn process_id(&self) -> Option<u32> {
        self.process().as_ref().map(Process::id)
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The keeper kills what does not end.
        let _ = self.stop();
    }
}
