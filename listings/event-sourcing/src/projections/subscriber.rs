//! What a reader of the feed has to say for itself.

use std::{convert::Infallible, error::Error, future::pending};

use sqlx::PgConnection;

use crate::store::RecordedEvent;

#[expect(unused_variables, reason = "who does nothing looks at nothing")]
// ANCHOR: subscriber
/// Somebody who follows the feed, page by page, one process at a time.
pub trait Subscriber: Send + Sync + 'static {
    /// The name under which the database keeps its checkpoint.
    fn name(&self) -> &'static str;
    /// Acts outside the transaction: **at least once** for each event, since
    /// a crash may come in between. It has to recognise what it has done.
    fn react(
        &self,
        page: &[RecordedEvent],
    ) -> impl Future<Output = Result<(), Halt>> + Send {
        async { Ok(()) }
    }

    /// Acts beside the pages, as long as this process is the one to act.
    fn beside(&self) -> impl Future<Output = Infallible> + Send {
        pending()
    }

    /// Writes in the checkpoint's transaction: **exactly once** a `revision`.
    fn project(
        &self,
        page: &[RecordedEvent],
        revision: i32,
        transaction: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Halt>> + Send {
        async { Ok(()) }
    }

    /// Whether it can do everything again. Never, if it acts on others.
    fn can_rebuild(&self) -> bool {
        false
    }
    /// Deletes some rows of a revision that nobody reads; says how many.
    fn forget(
        &self,
        revision: i32,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send {
        async { Ok(0) }
    }
}
// ANCHOR_END: subscriber

// ANCHOR: halt
/// Why a subscriber goes no further. The events of the page before `at` count
/// as processed, and it goes on there.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// Event `at` can never be processed. To skip it would be to lie from
    /// then on, so the subscriber stops until somebody has looked.
    #[error("event {at} of the page cannot be processed: {reason}")]
    Poison {
        /// Which event of the page, from 0.
        at: usize,
        /// A name for what is wrong, out of a small set.
        reason: &'static str,
    },
    /// Event `at` may do better in a moment.
    #[error("event {at} of the page has to wait")]
    Later {
        /// Which event of the page, from 0.
        at: usize,
        /// A name for what is wrong, out of a small set.
        reason: &'static str,
        /// What is wrong.
        source: Box<dyn Error + Send + Sync>,
    },
}
// ANCHOR_END: halt

/// An event of a type, version or shape that this program does not know.
pub const UNREADABLE: &str = "unreadable_event";

/// An event that can be read, and cannot have happened.
pub const IMPOSSIBLE: &str = "impossible_event";

/// An event of a stream that comes before its predecessor.
pub const VERSION_GAP: &str = "version_gap";

impl Halt {
    /// Which event of the page it is about.
    pub fn at(&self) -> usize {
        match self {
            Self::Poison { at, .. } | Self::Later { at, .. } => *at,
        }
    }

    /// What is wrong, in a word.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Poison { reason, .. } | Self::Later { reason, .. } => reason,
        }
    }
}

impl From<sqlx::Error> for Halt {
    /// The database is down, or a lock was not to be had: nothing is
    /// processed, and all of it may be the next time.
    fn from(error: sqlx::Error) -> Self {
        Self::Later {
            at: 0,
            reason: "database",
            source: Box::new(error),
        }
    }
}
