//! What the tests in `tests/` share. Each of them is one pitfall: it shows the
//! wrong way with its effect, then the right way with its effect.
#![allow(
    clippy::expect_used,
    reason = "only tests call this crate: what fails here fails a test"
)]

mod pipeline;
mod process;

use std::time::Duration;

pub use pipeline::{NOBODY_LISTENS, batching, grpc, http, in_memory};
pub use process::in_own_process;

/// Says what to do when a newer version of a crate behaves better.
pub const GONE: &str = "the pitfall is gone: update the page";

/// How long a test waits for what has to come. Far longer than it takes, so
/// that a busy machine does not fail a test.
pub const DEADLINE: Duration = Duration::from_secs(60);
