//! Runs the program as a process, on a throw-away PostgreSQL, and talks to it
//! over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod concurrency;
mod failures;
mod fuzz;
mod idempotency;
mod kurrent;
mod lifecycle;
mod openapi;
mod preconditions;
mod privacy;
mod process;
mod read_only;
mod reading;
mod statuses;
