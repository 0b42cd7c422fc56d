//! Events on their way to another service, with real servers and processes
//! that are killed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bank;
mod crashes;
mod delivery;
mod lab;
mod poison;
mod process;
mod settings;
mod traces;
