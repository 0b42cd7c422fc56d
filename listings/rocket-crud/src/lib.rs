//! Users in a database behind Rocket, traced without touching a handler.
//!
//! [`otel`] knows Rocket and OpenTelemetry, and nothing of this service: it
//! could be a crate of its own. [`users`] knows users and nothing else,
//! [`database`] keeps them. [`http`] opens it all to clients. [`settings`],
//! [`landing`] and [`program`] run it.

pub mod database;
pub mod http;
pub mod landing;
pub mod otel;
pub mod program;
pub mod settings;
pub mod users;
