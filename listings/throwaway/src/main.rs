//! `throwaway`: a server for a demo, gone when the demo is.

use std::{
    error::Error,
    fs,
    io::{self, Write},
    os::unix::fs::MetadataExt,
    process::ExitCode,
    sync::mpsc,
    thread,
};

use clap::{Args, Parser, Subcommand};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use throwaway::postgres::{Durability, Options, Server};

/// Starts a server of your own, and prints its URL when it is ready.
///
/// It serves until its input closes, or until SIGTERM or Ctrl-C. Then its data
/// is gone.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    server: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// PostgreSQL, on a Unix socket.
    Postgres(Postgres),
    /// NATS with JetStream, on a port of 127.0.0.1.
    #[cfg(feature = "nats")]
    Nats,
    /// nginx, with one site.
    #[cfg(feature = "nginx")]
    Nginx {
        /// A file with what stands inside `http { }`.
        site: std::path::PathBuf,
    },
    /// Redis, on a port of 127.0.0.1, without a file.
    #[cfg(feature = "redis")]
    Redis,
}

#[derive(Args)]
struct Postgres {
    /// Write to disk before a commit returns, as in production.
    #[arg(long)]
    real: bool,
    /// Listen on a port of 127.0.0.1, too, and print the URL for it.
    #[arg(long)]
    tcp: bool,
    /// Make this database.
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
}

impl Postgres {
    fn start(&self) -> Result<(Server, String), Box<dyn Error>> {
        let mut options = Options::new(if self.real {
            Durability::Real
        } else {
            Durability::Fast
        });
        if self.tcp {
            options = options.tcp();
        }
        let server = options.start()?;
        let database = self.database.as_deref().unwrap_or("postgres");
        if self.database.is_some() {
            server.create_database(database, None)?;
        }
        let tcp_url = server.tcp_url(database);
        let url = tcp_url.unwrap_or_else(|| server.url(database));
        Ok((server, url))
    }
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("throwaway: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), Box<dyn Error>> {
    // Before the start, so that a signal meanwhile leaves nothing behind.
    let signals = Signals::new([SIGINT, SIGTERM])?;
    match &cli.server {
        Kind::Postgres(postgres) => {
            let (_server, url) = postgres.start()?;
            serve(&url, signals)?;
        }
        #[cfg(feature = "nats")]
        Kind::Nats => {
            let server = throwaway::nats::Server::start()?;
            serve(&server.url(), signals)?;
        }
        #[cfg(feature = "nginx")]
        Kind::Nginx { site } => {
            let text = fs::read_to_string(site)
                .map_err(|cause| format!("{}: {cause}", site.display()))?;
            let _server = throwaway::nginx::Server::start(&text)?;
            serve(&format!("nginx serves {}", site.display()), signals)?;
        }
        #[cfg(feature = "redis")]
        Kind::Redis => {
            let server = throwaway::redis::Server::start()?;
            serve(&server.url(), signals)?;
        }
    }
    Ok(())
}

/// Prints what is ready, by its URL, and waits for a reason to end.
fn serve(url: &str, mut signals: Signals) -> io::Result<()> {
    writeln!(io::stdout(), "{url}")?;
    let (end, ended) = mpsc::channel();
    if !input_is_null() {
        let end = end.clone();
        thread::spawn(move || {
            // An input that cannot be read is as good as closed.
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            let _ = end.send(());
        });
    }
    thread::spawn(move || {
        signals.forever().next();
        let _ = end.send(());
    });
    // Fails when both threads are gone: a reason to end, too.
    let _ = ended.recv();
    Ok(())
}

/// Whether the input is `/dev/null`: a job in the background of a script has
/// it, and would end at once.
fn input_is_null() -> bool {
    let device = |path| fs::metadata(path).map(|file| file.rdev()).ok();
    device("/dev/stdin") == device("/dev/null")
}
