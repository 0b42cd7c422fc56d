//! Runs the BFF and its backends, each on a port of its own, and asks as
//! clients do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod caching;
mod deadlines;
mod experiences;
mod fuzz;
mod graphql;
mod hedging;
mod isolation;
mod lab;
mod matrix;
mod propagation;
mod sessions;
mod shedding;
