//! The program `polars-etl`.

use std::process::ExitCode;

use clap::Parser as _;
use polars_etl::program;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = program::Cli::parse();
    program::exit(program::run(cli).await)
}
