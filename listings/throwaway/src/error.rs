use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The server is not installed.
    #[error("there is no {program} on this machine: apt-get install {package}")]
    Missing {
        /// The program.
        program: &'static str,
        /// The Debian package that holds it.
        package: &'static str,
    },
    /// We are root, and there is no user to run the server as.
    #[error(
        "a server does not run as root, and /etc/passwd has no user postgres \
         or nobody: adduser --system postgres"
    )]
    NoUser,
    /// The temporary directory could not be made.
    #[error(
        "cannot make a temporary directory in {}: {cause}",
        parent.display()
    )]
    Directory {
        /// Where it should be; `TMPDIR` sets another place.
        parent: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A file that an earlier process left could not be removed.
    #[error("cannot remove {}: {cause}", path.display())]
    Leftover {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A file of the server's could not be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// No port is free.
    #[error("no port of 127.0.0.1 from {first} to {last} is free")]
    NoPort {
        /// The first port that was tried.
        first: u16,
        /// The last port that was tried.
        last: u16,
    },
    /// A program could not be run, or could not be ended before a restart.
    #[error("cannot run {}: {cause}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A program ended although it should not have, or with a failure.
    #[error("{} ended with {status}:\n{log}", program.display())]
    Ended {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote.
        log: String,
    },
    /// The server runs, but does not accept connections.
    #[error("{} is not ready after {waited:?}:\n{log}", program.display())]
    Late {
        /// The program.
        program: PathBuf,
        /// How long we waited.
        waited: Duration,
        /// The end of what it wrote.
        log: String,
    },
}

/// Why a statement, or the creation of a database, failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The client program could not be run.
    #[error("cannot run {}: {cause}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The server refused, or did not answer.
    #[error("{message}")]
    Refused {
        /// What the client program wrote.
        message: String,
    },
}
