//! The pipeline on data whose faults are known.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod balance;
mod crashes;
mod dirty;
mod failures;
mod hand;
mod lab;
mod lineage;
mod lookups;
mod memory;
mod runs;
mod telemetry;
