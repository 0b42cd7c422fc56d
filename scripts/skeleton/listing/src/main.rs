//! The program: configure, serve, stop.

use std::process::ExitCode;

use @CRATE@::program;

#[tokio::main]
async fn main() -> ExitCode {
    match program::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
