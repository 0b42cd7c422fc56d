//! Throw-away servers for tests and demos: real PostgreSQL, NATS, Redis
//! and nginx, gone when their owner is.
//!
//! Each server keeps everything in a temporary directory of its own. A small
//! shell process, the keeper, waits for the owner to end. Then it ends the
//! server and removes the directory, even if the owner got SIGKILL. So a
//! server in a `static`, which Rust never drops, leaves nothing behind.
//!
//! Servers run on Linux, as the current user; if that is root, as `postgres`
//! or `nobody`. They trust whoever reaches them and listen on a Unix socket or
//! on loopback: never keep anything in them that matters.

#[cfg(any(feature = "nats", feature = "nginx", feature = "redis"))]
mod daemon;
mod error;
mod home;
mod keeper;
#[cfg(feature = "nats")]
pub mod nats;
#[cfg(feature = "nginx")]
pub mod nginx;
mod port;
pub mod postgres;
mod process;
mod program;
#[cfg(feature = "redis")]
pub mod redis;
mod user;

pub use error::{ClientError, StartError};
pub use port::free as free_port;
