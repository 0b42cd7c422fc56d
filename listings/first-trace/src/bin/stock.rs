//! The program `stock`.

use std::process::ExitCode;

use first_trace::{program, stock};

#[tokio::main]
async fn main() -> ExitCode {
    let routes = |telemetry: &_| Ok(stock::router(telemetry));
    program::exit(program::run("stock", "127.0.0.1:8081", routes).await)
}
