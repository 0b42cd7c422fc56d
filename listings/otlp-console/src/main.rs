//! `otlp-console`: shows the OTLP that programs send to it.

mod cli;

use clap::Parser;
use cli::{Cli, Command};
use otlp_console::console::{self, RunError};
use std::{
    io::{self, BufWriter},
    process::ExitCode,
};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Some(Command::Draw(draw)) => draw.run(),
        None => listen(&cli).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("otlp-console: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn listen(cli: &Cli) -> Result<(), String> {
    let stop = stop_signals().map_err(|error| error.to_string())?;
    let stdout = BufWriter::new(io::stdout());
    match console::run(cli.options(), stdout, stop).await {
        // The reader of our output has seen enough.
        Err(RunError::Write(error))
            if error.kind() == io::ErrorKind::BrokenPipe =>
        {
            Ok(())
        }
        done => done.map_err(|error| error.to_string()),
    }
}

/// Completes at the first SIGINT or SIGTERM; the second ends the program.
fn stop_signals() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut next = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    Ok(async move {
        next().await;
        tokio::spawn(async move {
            next().await;
            std::process::exit(130);
        });
    })
}
