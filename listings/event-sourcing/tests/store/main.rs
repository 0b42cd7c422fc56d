//! The event store and what is built on it, against a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod append;
mod audit;
mod commands;
mod crash;
mod grants;
mod harness;
mod json;
mod keys;
mod partitions;
mod prefixes;
mod privacy;
mod races;
mod reading;
mod snapshots;
mod time_travel;
