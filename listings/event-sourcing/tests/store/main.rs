//! The event store and what is built on it, against a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod append;
mod audit;
mod grants;
mod harness;
mod json;
mod races;
mod reading;
