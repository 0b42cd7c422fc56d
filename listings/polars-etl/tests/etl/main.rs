//! The pipeline on data whose faults are known.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crashes;
mod failures;
mod lab;
mod lineage;
mod memory;
mod runs;
mod telemetry;
