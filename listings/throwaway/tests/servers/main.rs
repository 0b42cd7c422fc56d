//! Real servers: that they serve, and that nothing stays when they go.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "nginx")]
mod nginx;
mod owner;
mod postgres;
#[cfg(feature = "redis")]
mod redis;

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// Longest wait for something to be gone.
const DEADLINE: Duration = Duration::from_secs(60);

/// Waits until `condition` holds.
#[track_caller]
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < DEADLINE, "after {DEADLINE:?}: not {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether the process is there and is no zombie.
fn runs(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

/// The processes that `parent` has started.
fn children(parent: u32) -> Vec<u32> {
    let children = format!("/proc/{parent}/task/{parent}/children");
    let children = fs::read_to_string(children).unwrap();
    let ids = children.split_whitespace();
    ids.map(|id| id.parse().unwrap()).collect()
}

/// Fails unless the directory and the processes are gone.
#[track_caller]
fn assert_gone(directory: &Path, processes: &[u32]) {
    assert!(!directory.exists(), "{} is left", directory.display());
    let left = processes.iter().filter(|process| runs(**process));
    assert_eq!(left.count(), 0, "of {processes:?} some run");
}
