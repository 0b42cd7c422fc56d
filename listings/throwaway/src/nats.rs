//! NATS with JetStream, from Debian's package `nats-server` or from `PATH`.

use std::{
    io::{self, BufRead, BufReader},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    time::Duration,
};

use rustix::process::Signal;

use crate::{StartError, daemon::Daemon, port, program};

/// How long a server that accepts a connection may take to greet.
const GREETING: Duration = Duration::from_secs(1);

/// A NATS server with a JetStream store of its own.
///
/// It listens on a free port of 127.0.0.1. Every user of this machine can
/// reach it, and it asks for no password. Dropping it ends it and removes its
/// directory; so does the end of this process.
#[derive(Debug)]
pub struct Server {
    daemon: Daemon,
    port: u16,
}

impl Server {
    /// Starts a server.
    ///
    /// # Errors
    /// When NATS is not installed, or does not start.
    pub fn start() -> Result<Self, StartError> {
        let program = program::nats_server().ok_or(StartError::Missing {
            program: "nats-server",
            package: "nats-server",
        })?;
        let server = Self {
            daemon: Daemon::new(program, Signal::INT, "nats.log")?,
            port: port::free()?,
        };
        server.restart()?;
        Ok(server)
    }

    /// Starts the server again: the same store and port. Stops it first if it
    /// runs. Waits until it accepts connections.
    ///
    /// # Errors
    /// When it does not end, or does not start.
    pub fn restart(&self) -> Result<(), StartError> {
        let home = self.daemon.directory();
        let name = home.to_string_lossy();
        let port = self.port.to_string();
        self.daemon.restart(
            |command| {
                command
                    .args(["--addr", "127.0.0.1", "--port", &port])
                    .args(["--name", &name, "--jetstream", "--store_dir"])
                    .arg(home.join("data"));
            },
            || greets(self.port, &name).unwrap_or(false),
        )
    }

    /// Kills the server with SIGKILL, as a crash would, and waits until it is
    /// gone. [`restart`](Self::restart) recovers.
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
        format!("nats://127.0.0.1:{}", self.port)
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

/// Whether the server `name`, and no other, greets at `port`.
fn greets(port: u16, name: &str) -> io::Result<bool> {
    let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(GREETING))?;
    let mut greeting = String::new();
    BufReader::new(connection).read_line(&mut greeting)?;
    Ok(greeting.starts_with("INFO ") && greeting.contains(name))
}
