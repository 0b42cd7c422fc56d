//! How fast the store is.
//!
//! ```console
//! cargo bench -p event-sourcing --bench store -- append
//! ```
//!
//! prints a table. Without `--bench`, as in `cargo test --benches`, each
//! measurement is only tried.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod append;
mod contention;
mod lag;
mod overhead;
mod replay;
mod snapshots;
mod support;

use support::measure::Effort;

#[tokio::main]
async fn main() {
    let effort = Effort::from_args();
    let mut arguments = std::env::args().skip(1);
    let named = arguments.find(|argument| !argument.starts_with('-'));
    // A short try of everything, where nobody asks for one.
    let all = [
        "append",
        "replay",
        "snapshots",
        "overhead",
        "contention",
        "lag",
    ];
    let chosen = match &named {
        Some(name) => vec![name.as_str()],
        None => all.to_vec(),
    };
    for name in chosen {
        match name {
            "append" => append::run(effort).await,
            "replay" => replay::run(effort).await,
            "snapshots" => snapshots::run(effort).await,
            "overhead" => overhead::run(effort).await,
            "contention" => contention::run(effort).await,
            "lag" => lag::run(effort).await,
            _ => panic!("there is no measurement called {name}"),
        }
    }
}
