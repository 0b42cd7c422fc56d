//! The crate as its users see it, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod carry;
mod config;
mod http_client;
mod http_server;
mod loss;
mod signals;
mod support;
mod trace_context;
