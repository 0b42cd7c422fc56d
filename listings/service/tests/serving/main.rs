//! A server among clients that are slow, silent, or gone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod lab;
mod stopping;
