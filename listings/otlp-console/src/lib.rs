//! Receives OTLP and shows each trace as a tree: a viewer for people, a judge
//! for tests.
//!
//! A test starts a [`Receiver`], points the program under test at it, waits
//! for its spans, and compares the rendered [`Trace`] with the picture of it
//! in a file.
//!
//! Why not `mock-collector` or `fake-opentelemetry-collector`? The first
//! serves one protocol at a time, keeps all it gets and answers a bad request
//! in plain text, the second serves gRPC alone, and neither knows traces as
//! trees. The messages and services are those of `opentelemetry-proto`, the
//! servers axum and tonic: what is written here begins behind the protocol.

pub mod capture;
pub mod console;
pub mod contract;
mod detail;
mod duration;
pub mod golden;
mod limits;
pub mod model;
mod otlp;
mod receiver;
mod sockets;
mod store;
pub mod svg;
mod terminal;
#[cfg(test)]
mod testing;
mod text;
mod trace;
mod tree;

pub use golden::Golden;
pub use limits::Limits;
pub use receiver::{Missing, Receiver};
pub use sockets::StartError;
pub use store::Evicted;
pub use terminal::Terminal;
pub use trace::Trace;
