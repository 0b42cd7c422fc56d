//! The program `bff`.

use std::process::ExitCode;

use bff::program;

#[tokio::main]
async fn main() -> ExitCode {
    program::exit(program::run().await)
}
