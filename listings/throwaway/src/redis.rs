//! Redis, from Debian's package `redis-server` or from `PATH`.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::Signal;

use crate::{StartError, home::Home, port, process::Process, program};

/// How long a server that accepts a connection may take to answer.
const ANSWER: Duration = Duration::from_secs(1);

/// A Redis server that keeps its data in memory only.
///
/// It listens on a free port of 127.0.0.1. Every user of this machine can
/// reach it, and it asks for no password; from elsewhere it takes nothing.
/// Dropping it ends it and removes its directory; so does the end of this
/// process.
#[derive(Debug)]
pub struct Server {
    process: Mutex<Option<Process>>,
    home: Home,
    program: PathBuf,
    port: u16,
}

impl Server {
    /// Starts a server.
    ///
    /// # Errors
    /// When Redis is not installed, or does not start.
    pub fn start() -> Result<Self, StartError> {
        let program = program::redis_server().ok_or(StartError::Missing {
            program: "redis-server",
            package: "redis-server",
        })?;
        let server = Self {
            process: Mutex::new(None),
            home: Home::make(Signal::TERM)?,
            program,
            port: port::free()?,
        };
        server.restart()?;
        Ok(server)
    }

    /// Starts the server again, at the same port and with nothing in it.
    /// Stops it first if it runs. Waits until it answers.
    ///
    /// # Errors
    /// When it does not end, or does not start.
    pub fn restart(&self) -> Result<(), StartError> {
        let mut process = self.process();
        if let Some(running) = process.take() {
            running.end(Signal::TERM).map_err(|cause| {
                let program = self.program.clone();
                StartError::Run { program, cause }
            })?;
        }
        let mut command = self.home.command(&self.program);
        command
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--protected-mode", "yes", "--databases", "1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(self.home.path());
        let home = self.home.path().to_string_lossy();
        let ready = || answers(self.port, &home).unwrap_or(false);
        *process = Some(Process::start(command, &self.log_file(), ready)?);
        Ok(())
    }

    /// Kills the server with SIGKILL, as a crash would, and waits until it is
    /// gone. After a [`restart`](Self::restart) it has forgotten everything.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn kill(&self) -> io::Result<()> {
        self.process().take().map_or(Ok(()), Process::kill)
    }

    /// Ends the server in an orderly way.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn stop(&self) -> io::Result<()> {
        let end = |process: Process| process.end(Signal::TERM);
        self.process().take().map_or(Ok(()), end)
    }

    /// The URL of the server.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What the server has to say.
    pub fn log_file(&self) -> PathBuf {
        self.home.path().join("redis.log")
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
        // The keeper kills what does not end.
        let _ = self.stop();
    }
}

/// Whether the server of the directory `home`, and no other, is at `port`.
fn answers(port: u16, home: &str) -> io::Result<bool> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(ANSWER))?;
    connection.write_all(b"CONFIG GET dir\r\n")?;
    // A list of two texts, each after a line with its length.
    let lines = BufReader::new(connection).lines().take(5);
    let last = lines.last().transpose()?.unwrap_or_default();
    Ok(last == home)
}
