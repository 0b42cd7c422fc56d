//! The program `shop`.

// ANCHOR: main
use std::process::ExitCode;

use axum::Router;
use first_trace::{
    program::{self, ProgramError},
    shop::{self, StockClient},
};
use reqwest::Url;
use telemetry::Telemetry;

#[tokio::main]
async fn main() -> ExitCode {
    program::exit(program::run("shop", "127.0.0.1:8080", routes).await)
}

fn routes(telemetry: &Telemetry) -> Result<Router, ProgramError> {
    let stock: Url =
        program::setting("STOCK_URL", "http://127.0.0.1:8081", "a URL")?;
    Ok(shop::router(telemetry, StockClient::new(telemetry, stock)?))
}
// ANCHOR_END: main
