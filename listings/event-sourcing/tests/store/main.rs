//! The event store and what is built on it, against a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod append;
mod harness;
mod partitions;
