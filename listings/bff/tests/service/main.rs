//! Runs the BFF and its backends, each on a port of its own, and asks as
//! clients do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod caching;
mod experiences;
mod graphql;
mod lab;
