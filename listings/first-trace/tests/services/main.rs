//! Runs `shop` and `stock` as processes and judges what they send.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod contract;
mod failures;
mod pictures;
mod process;
mod traces;
