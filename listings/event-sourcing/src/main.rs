//! The program `event-sourcing`.

use std::process::ExitCode;

use event_sourcing::program;

#[tokio::main]
async fn main() -> ExitCode {
    program::exit(program::run().await)
}
