//! What the program sends, and what the book says that it sends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod contract;
mod day;
mod program;
mod traces;
