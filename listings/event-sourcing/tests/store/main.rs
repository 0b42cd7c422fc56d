//! The event store and what is built on it, against a real PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod append;
mod audit;
mod balances;
mod commands;
mod crash;
mod cut_short;
mod feed;
mod feed_chaos;
mod feed_plan;
mod following;
mod gauges;
mod grants;
mod handover;
mod harness;
mod held;
mod held_signals;
mod json;
mod keys;
mod partitions;
mod prefixes;
mod privacy;
mod races;
mod read_only;
mod reading;
mod rebuild;
mod signals;
mod snapshots;
mod sweeping;
mod time_travel;
mod transferring;
mod transfers;
mod watched;
