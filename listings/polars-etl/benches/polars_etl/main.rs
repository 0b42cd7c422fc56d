//! How fast the queries are, and what it costs to observe them.
//!
//! ```console
//! cargo bench -p polars-etl --bench polars_etl -- questions
//! ```
//!
//! prints a table. Without `--bench`, as in `cargo test --benches`, each
//! measurement is only tried, on little data.
//!
//! Each contender is a process of its own, which holds the data and does one
//! thing when it is told to; they take turns. The variable `PEERS_PYTHON` names
//! a Python that has Polars and pandas. Where it is not set, only our own
//! processes take part.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod chart;
mod contender;
mod csv;
mod data;
mod figures;
mod filter;
mod larger;
mod overhead;
mod questions;
mod work;

use figures::Effort;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    let named = arguments.next();
    // This program is also each of our contenders.
    if named.as_deref() == Some("work") {
        return work::obey(arguments.next().as_deref());
    }
    let effort = Effort::from_args();
    // A short try of everything, where nobody asks for one.
    let chosen = match &named {
        Some(name) => vec![name.as_str()],
        None => vec!["questions", "filter", "csv", "larger", "overhead", "api"],
    };
    for name in chosen {
        match name {
            "questions" => questions::run(effort),
            "filter" => filter::run(effort),
            "csv" => csv::run(effort),
            "larger" => larger::run(effort),
            "overhead" => overhead::run(effort),
            "api" => api::run(effort),
            _ => panic!("there is no measurement called {name}"),
        }
    }
}
