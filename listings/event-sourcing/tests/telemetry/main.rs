//! Runs the bank as a process and judges the telemetry that arrives.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bank;
mod contract;
mod privacy;
mod traces;
