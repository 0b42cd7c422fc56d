//! Queries, run plainly and observed: the same result, and spans that say what
//! the engine did.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod lab;
mod nodes;
mod plan;
mod same;
