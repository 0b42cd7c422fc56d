//! Runs the BFF and its backends as processes and judges the telemetry that
//! arrives.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod graphql;
mod programs;
#[cfg(feature = "redis")]
mod redis;
mod shop;
mod traces;
