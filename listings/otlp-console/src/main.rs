//! `otlp-console`: shows the OTLP that programs send to it.

mod cli;

use clap::Parser;
use cli::{Cli, Command};
use otlp_console::console::{self, RunError};
use service::Signals;
use std::{
    io::{self, BufWriter},
    process::ExitCode,
};

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
    let signals = Signals::listen().map_err(|error| error.to_string())?;
    let stdout = BufWriter::new(io::stdout());
    match console::run(cli.options(), stdout, signals.stop()).await {
        // The reader of our output has seen enough.
        Err(RunError::Write(error))
            if error.kind() == io::ErrorKind::BrokenPipe =>
        {
            Ok(())
        }
        done => done.map_err(|error| error.to_string()),
    }
}
