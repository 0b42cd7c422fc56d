//! nginx, from Debian's package `nginx` or from `PATH`.

use std::{fs, io, os::unix::net::UnixStream, path::PathBuf};

use rustix::process::Signal;

use crate::{StartError, daemon::Daemon, program};

/// Everything around a site: all that nginx writes goes into its directory,
/// and nothing of this machine's own configuration is read.
const FRAME: &str = "\
daemon off;
worker_processes 1;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {
        listen unix:ready.socket;
        return 204;
    }
    include site.conf;
}
";

/// An nginx with one site.
///
/// It listens wherever the site says. Dropping it ends it and removes its
/// directory; so does the end of this process.
#[derive(Debug)]
pub struct Server {
    daemon: Daemon,
}

impl Server {
    /// Starts a server with `site`: what stands inside `http { }`.
    ///
    /// Let the site listen on a [free port](crate::free_port) of 127.0.0.1.
    ///
    /// # Errors
    /// When nginx is not installed, or does not start. What it says of a bad
    /// site is in the error.
    pub fn start(site: &str) -> Result<Self, StartError> {
        let program = program::nginx().ok_or(StartError::Missing {
            program: "nginx",
            package: "nginx",
        })?;
        let server = Self {
            daemon: Daemon::new(program, Signal::TERM, "nginx.log")?,
        };
        server.write("nginx.conf", FRAME)?;
        server.write("site.conf", site)?;
        server.restart()?;
        Ok(server)
    }

    /// Starts the server again with the same site. Stops it first if it runs.
    /// Waits until it accepts connections.
    ///
    /// # Errors
    /// When it does not end, or does not start.
    pub fn restart(&self) -> Result<(), StartError> {
        let home = self.daemon.directory();
        let socket = home.join("ready.socket");
        // A killed server leaves it, and the next one does not take it over.
        let _ = fs::remove_file(&socket);
        self.daemon.restart(
            |command| {
                command
                    .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
                    .arg(home);
            },
            || UnixStream::connect(&socket).is_ok(),
        )
    }

    /// Kills the server with SIGKILL, as a crash would, and waits until it is
    /// gone.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn kill(&self) -> io::Result<()> {
        self.daemon.kill()
    }

    /// Ends the server at once, and all requests under way with it.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn stop(&self) -> io::Result<()> {
        self.daemon.stop()
    }

    /// What the server has to say.
    pub fn log_file(&self) -> PathBuf {
        self.daemon.log_file()
    }

    /// The operating system's number for the server, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.daemon.process_id()
    }

    fn write(&self, name: &str, text: &str) -> Result<(), StartError> {
        let path = self.daemon.directory().join(name);
        fs::write(&path, text)
            .map_err(|cause| StartError::Write { path, cause })
    }
}
