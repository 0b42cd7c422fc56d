//! Redis, from Debian's package `redis-server` or from `PATH`.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    time::Duration,
};

use rustix::process::Signal;

use crate::{StartError, daemon::Daemon, port, program};

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
    daemon: Daemon,
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
            daemon: Daemon::new(program, Signal::TERM, "redis.log")?,
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
        let home = self.daemon.directory();
        let port = self.port.to_string();
        self.daemon.restart(
            |command| {
                command
                    .args(["--bind", "127.0.0.1", "--port", &port])
                    .args(["--protected-mode", "yes", "--databases", "1"])
                    .args(["--save", "", "--appendonly", "no", "--dir"])
                    .arg(home);
            },
            || answers(self.port, &home.to_string_lossy()).unwrap_or(false),
        )
    }

    /// Kills the server with SIGKILL, as a crash would, and waits until it is
    /// gone. After a [`restart`](Self::restart) it has forgotten everything.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn kill(&self) -> io::Result<()> {
        self.daemon.kill()
    }

    /// Ends the server in an orderly way.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn stop(&self) -> io::Result<()> {
        self.daemon.stop()
    }

    /// The URL of the server.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What the server has to say.
    pub fn log_file(&self) -> PathBuf {
        self.daemon.log_file()
    }

    /// The operating system's number for the server, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.daemon.process_id()
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
