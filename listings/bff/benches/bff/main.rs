//! What a fan-out costs, and what hedging and deadlines bring.
//!
//! ```console
//! cargo bench -p bff --bench bff -- pages
//! ```
//!
//! prints a table. Without `--bench`, as in `cargo test --benches`, each
//! measurement is only tried.
//!
//! All programs are processes of their own, built for release. Where there are
//! two cores, the BFF has one to itself, and everything else is on the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chart;
mod degraded;
mod figures;
mod hedging;
mod load;
mod pages;
mod programs;
mod stage;
mod telemetry;
mod throughput;
mod variants;

use std::process::ExitCode;

use figures::Effort;

fn main() -> ExitCode {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let named = arguments.next();
    // This program is also a server: the page in other ways.
    if named.as_deref() == Some("serve") {
        let variant = arguments.next().unwrap();
        return runtime().block_on(variants::serve(&variant));
    }
    // Before there is a second thread, so that it holds for all of them.
    programs::stay_off_the_first_core();
    let effort = Effort::from_args();
    // A short try of everything, where nobody asks for one.
    let all = ["pages", "hedging", "degraded", "throughput", "telemetry"];
    let chosen = match &named {
        Some(name) => vec![name.as_str()],
        None => all.to_vec(),
    };
    for name in chosen {
        runtime().block_on(async {
            match name {
                "pages" => pages::run(effort).await,
                "hedging" => hedging::run(effort).await,
                "degraded" => degraded::run(effort).await,
                "throughput" => throughput::run(effort).await,
                "telemetry" => telemetry::run(effort).await,
                _ => panic!("there is no measurement called {name}"),
            }
        });
    }
    ExitCode::SUCCESS
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}
