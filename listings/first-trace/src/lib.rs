//! Two small services and the trace that runs through both.
//!
//! `shop` answers `GET /orders/{id}`. For each line of the order it asks
//! `stock` whether the goods are there. Neither has a database, so nothing
//! stands between you and the telemetry.

pub mod problem;
pub mod program;
pub mod shop;
pub mod stock;
