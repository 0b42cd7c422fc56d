//! The rules of the bank, and how its events are written down. No database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod codec;
mod conservation;
mod decide;
mod evolve;
mod golden;
mod money;
mod scenario;
mod strategies;
