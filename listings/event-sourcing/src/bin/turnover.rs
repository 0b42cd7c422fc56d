//! The program `turnover`.

use std::process::ExitCode;

use event_sourcing::turnover::program;

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
