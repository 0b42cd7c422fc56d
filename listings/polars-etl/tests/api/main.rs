//! The web API: what it answers, what it refuses, and what it lives through.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod lab;
mod load;
mod refusals;
mod runs;
