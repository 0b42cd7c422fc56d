//! What tracing costs a Rocket.
//!
//! ```console
//! cargo bench -p rocket-crud --bench rocket_crud -- instructions
//! ```
//!
//! prints a table. Without `--bench`, as in `cargo test --benches`, each
//! measurement is only tried.
//!
//! The servers are processes of their own. Where there are two cores, they have
//! one to themselves, and the load and the receiver are on the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chart;
mod client;
mod cost;
mod figures;
mod instructions;
mod naive;
mod serve;
mod server;
mod sink;

use std::process::ExitCode;

use figures::Effort;

fn main() -> ExitCode {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let named = arguments.next();
    // This program is also the server.
    if named.as_deref() == Some("serve") {
        let (workload, tracing) = (arguments.next(), arguments.next());
        serve::run(&workload.unwrap(), &tracing.unwrap());
        return ExitCode::SUCCESS;
    }
    server::stay_off_the_first_core();
    let effort = Effort::from_args();
    // A short try of everything, where nobody asks for one.
    let chosen = match &named {
        Some(name) => vec![name.as_str()],
        None => vec!["instructions", "cost"],
    };
    for name in chosen {
        match name {
            "instructions" => instructions::run(effort),
            "cost" => cost::run(effort),
            _ => panic!("there is no measurement called {name}"),
        }
    }
    ExitCode::SUCCESS
}
