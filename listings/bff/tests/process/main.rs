//! Starts and stops the programs as an operator does: as processes, and under
//! load.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod programs;
mod settings;
mod shop;
mod stop;
