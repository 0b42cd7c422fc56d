//! A valve in the stream of rows.
//!
//! Polars 0.55 offers no way to stop a query that runs: to drop it early makes
//! one of its threads panic. So a query that may have to be stopped has a valve
//! behind each of its sources. When the valve is shut, the next piece of rows
//! is an error, and the engine ends the query as it ends any that fails.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use polars::prelude::{DataFrame, LazyFrame, OptFlags, PolarsError};

use crate::memory;

/// How often to look at what is allocated.
const PAUSE: Duration = Duration::from_millis(5);

/// What a query that was stopped says. Its words, since the engine knows no
/// error of this kind.
pub(crate) const STOPPED: &str = "stopped by a valve";

/// Why a valve is shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Too much memory is allocated.
    Memory,
    /// Nobody waits for the result any more.
    Unwanted,
}

/// Open until it is shut, and then for ever shut.
#[derive(Clone, Debug, Default)]
pub struct Valve(Arc<State>);

#[derive(Debug, Default)]
struct State {
    shut: OnceLock<Reason>,
    rows: AtomicU64,
}

impl Valve {
    /// Lets no more rows through. The first reason counts.
    pub fn shut(&self, reason: Reason) {
        let _ = self.0.shut.set(reason);
    }

    /// Why it lets no more rows through.
    pub fn is_shut(&self) -> Option<Reason> {
        self.0.shut.get().copied()
    }

    /// How many rows it has let through.
    pub fn rows(&self) -> u64 {
        self.0.rows.load(Ordering::Relaxed)
    }
}

// ANCHOR: valve
impl Valve {
    /// The same rows, for as long as the valve is open. Filters and choices of
    /// columns are still pushed down to the source.
    pub fn on(&self, rows: LazyFrame) -> LazyFrame {
        let valve = self.clone();
        let transparent = OptFlags::PREDICATE_PUSHDOWN
            | OptFlags::PROJECTION_PUSHDOWN
            | OptFlags::STREAMING;
        let check = move |rows: DataFrame| match valve.is_shut() {
            None => {
                let height = rows.height() as u64;
                valve.0.rows.fetch_add(height, Ordering::Relaxed);
                Ok(rows)
            }
            Some(_) => Err(PolarsError::ComputeError(STOPPED.into())),
        };
        rows.map(check, transparent, None, Some("valve"))
    }
}
// ANCHOR_END: valve

impl Valve {
    /// Something that shuts it, as unwanted, when it is dropped.
    pub fn guard(&self) -> Guard {
        Guard(self.clone())
    }
}

// ANCHOR: guard
/// Shuts a valve when it is dropped.
#[derive(Debug)]
pub struct Guard(Valve);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.shut(Reason::Unwanted);
    }
}
// ANCHOR_END: guard

/// Shuts a valve when too much memory is allocated, until it is dropped.
#[derive(Debug)]
pub struct Budget {
    /// Closed when this is dropped, which ends the thread.
    done: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

// ANCHOR: budget
impl Budget {
    /// Watches over `bytes`: now, and then on a thread of its own.
    pub fn watch(bytes: u64, valve: &Valve) -> Self {
        let (done, ended) = mpsc::channel();
        let valve = valve.clone();
        let look = move || {
            // Where nobody counts, there is no budget to keep.
            let is_kept = memory::allocated().map(|it| it <= bytes);
            if !is_kept.unwrap_or(true) {
                valve.shut(Reason::Memory);
            }
        };
        look();
        let watch = thread::spawn(move || {
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                look();
            }
        });
        Self {
            done: Some(done),
            watch: Some(watch),
        }
    }
}
// ANCHOR_END: budget

impl Drop for Budget {
    fn drop(&mut self) {
        self.done.take();
        if let Some(watch) = self.watch.take() {
            // It has nothing to say, and does not panic.
            let _ = watch.join();
        }
    }
}
