//! The event store and what is built on it, against a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod append;
mod audit;
mod commands;
mod commands_with_keys;
mod crash;
mod grants;
mod harness;
mod json;
mod partitions;
mod privacy;
mod races;
mod reading;
mod snapshots;
mod snapshots_and_folds;
mod time_travel;
