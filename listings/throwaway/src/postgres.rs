//! PostgreSQL, from Debian's package `postgresql` or from `PATH`.

mod client;
mod options;

pub use options::{Durability, Options};

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use rustix::process::Signal;

use crate::{StartError, home::Home, port, process::Process, program};

/// The superuser of each server. It needs no password.
const SUPERUSER: &str = "postgres";

/// A PostgreSQL server with data of its own.
///
/// All methods take `&self`: a test may kill the server while others of its
/// threads use it. Dropping it ends it at once and removes its directory; so
/// does the end of this process.
#[derive(Debug)]
pub struct Server {
    process: Mutex<Option<Process>>,
    /// Whether shared memory of a killed server may be left.
    killed: AtomicBool,
    home: Home,
    programs: PathBuf,
    options: Options,
    port: u16,
    databases: AtomicU64,
}

impl Server {
    /// Starts a server on a Unix socket. [`Options`] offer more.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start.
    pub fn start(durability: Durability) -> Result<Self, StartError> {
        Options::new(durability).start()
    }

    fn start_with(options: Options) -> Result<Self, StartError> {
        let programs =
            program::postgres_folder().ok_or(StartError::Missing {
                program: "initdb",
                package: "postgresql",
            })?;
        // Without TCP the port is a part of the socket's name.
        let port = if options.tcp { port::free()? } else { 5432 };
        let server = Self {
            process: Mutex::new(None),
            killed: AtomicBool::new(false),
            // An immediate shutdown: no checkpoint, but shared memory goes.
            home: Home::make(Signal::QUIT)?,
            programs,
            options,
            port,
            databases: AtomicU64::new(1),
        };
        server.initialize()?;
        server.restart()?;
        Ok(server)
    }

    /// Makes the data directory.
    fn initialize(&self) -> Result<(), StartError> {
        let program = self.programs.join("initdb");
        let output = self
            .home
            .command(&program)
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--no-sync", "--username", SUPERUSER, "--pgdata"])
            .arg(self.data_directory())
            .output()
            .map_err(|cause| {
                let program = program.clone();
                StartError::Run { program, cause }
            })?;
        if output.status.success() {
            return Ok(());
        }
        Err(StartError::Ended {
            program,
            status: output.status,
            log: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Starts the server again: the same data, socket and port. Stops it
    /// first if it runs. Waits until it accepts connections.
    ///
    /// # Errors
    /// When it does not end, or does not start.
    pub fn restart(&self) -> Result<(), StartError> {
        let program = self.programs.join("postgres");
        let mut process = self.process();
        if let Some(running) = process.take() {
            running.end(Signal::INT).map_err(|cause| {
                let program = program.clone();
                StartError::Run { program, cause }
            })?;
        }
        // No process of ours holds these, but a foreign one may have got the
        // number that they name.
        let status = self.data_directory().join("postmaster.pid");
        let lock = format!(".s.PGSQL.{}.lock", self.port);
        remove(&status)?;
        remove(&self.socket_directory().join(lock))?;

        let mut command = self.home.command(&program);
        command.arg("-D").arg(self.data_directory());
        command.arg("-k").arg(self.socket_directory());
        command.arg("-p").arg(self.port.to_string());
        for (name, value) in self.options.settings() {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let ready = || is_ready(&status);
        *process = Some(Process::start(command, &self.log_file(), ready)?);
        self.killed.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Kills the server and its children with SIGKILL, as a crash would, and
    /// waits until they are gone. [`restart`](Self::restart) recovers.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn kill(&self) -> io::Result<()> {
        let kill = |process: Process| {
            self.killed.store(true, Ordering::Relaxed);
            process.kill()
        };
        self.process().take().map_or(Ok(()), kill)
    }

    /// Ends all connections, writes everything to disk and ends the server.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn stop(&self) -> io::Result<()> {
        let end = |process: Process| process.end(Signal::INT);
        self.process().take().map_or(Ok(()), end)
    }

    /// Where the Unix socket is.
    pub fn socket_directory(&self) -> &Path {
        self.home.path()
    }

    /// Where the data is.
    pub fn data_directory(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// What the server has to say.
    pub fn log_file(&self) -> PathBuf {
        self.home.path().join("postgres.log")
    }

    /// A user who may do everything, without a password.
    pub fn superuser(&self) -> &'static str {
        SUPERUSER
    }

    /// The operating system's number for the server, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process().as_ref().map(Process::id)
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.killed.load(Ordering::Relaxed) {
            // Only the next server on the same data removes the shared memory
            // of a killed one. It is scarce in a container.
            let _ = self.restart();
        }
        if let Some(process) = self.process().take() {
            // The keeper kills what does not end.
            let _ = process.end(Signal::QUIT);
        }
    }
}

/// Whether the server accepts connections: what `pg_ctl` looks at, too.
fn is_ready(status: &Path) -> bool {
    let text = fs::read_to_string(status).unwrap_or_default();
    text.lines()
        .nth(7)
        .is_some_and(|line| line.trim() == "ready")
}

/// Removes a file that may be absent.
fn remove(path: &Path) -> Result<(), StartError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            let path = path.to_owned();
            Err(StartError::Leftover { path, cause })
        }
        _ => Ok(()),
    }
}
