//! Runs the service, in this process or as a program of its own, and judges
//! its answers together with the telemetry that arrives.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod edges;
mod fairings;
mod http;
mod inside;
#[cfg(feature = "nginx")]
mod instances;
mod lab;
mod long_answers;
mod openapi;
mod privacy;
mod program;
#[cfg(feature = "nginx")]
mod proxy;
mod read_only;
mod settings;
mod stop;
mod table;
mod traces;
