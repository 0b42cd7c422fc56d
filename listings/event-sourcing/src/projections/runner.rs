//! Runs a subscriber, in one process at a time.

use std::{error::Error, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, watch},
    time::sleep,
};

use super::{
    Halt, Shared, Subscriber, checkpoint,
    lock::{Lock, evicted},
};
use crate::database::Database;

/// How long to wait after a failure; twice as long after each one more.
const RETRY: Duration = Duration::from_millis(250);

/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(5);

/// A subscriber, and what it needs to follow the feed.
pub(super) struct Runner<S> {
    pub(super) subscriber: S,
    pub(super) shared: Arc<Shared>,
    pub(super) stop: watch::Receiver<bool>,
}

/// Why a subscriber cannot go on as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// It may go on later.
    #[error("{0}")]
    Later(#[source] Halt),
    /// It never can. Says why, for people.
    #[error("{why}")]
    Poison { reason: &'static str, why: String },
    /// Another process has taken over.
    #[error("another process has taken over")]
    Fenced,
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Later(error.into())
    }
}

// ANCHOR: lead
impl<S: Subscriber> Runner<S> {
    /// Follows the feed whenever no other process does, until this one stops.
    pub(super) async fn run(self) {
        let mut pause = RETRY;
        while let Err(trouble) = self.lead(&mut pause).await {
            self.warn(&trouble);
            self.sleep(pause).await;
            pause = longer(pause);
        }
    }
}
// ANCHOR_END: lead

// ANCHOR: lead-and-act
impl<S: Subscriber> Runner<S> {
    /// Waits for the lock and acts as long as it is there.
    async fn lead(&self, pause: &mut Duration) -> Result<(), Trouble> {
        let (database, poll) = (self.database(), self.shared.pace.poll);
        let evicted = evicted(database);
        tokio::pin!(evicted);
        let waiting = Lock::wait(database, self.subscriber.name(), poll);
        let mut lock = tokio::select! {
            lock = waiting => lock?,
            error = &mut evicted => return Err(error.into()),
            () = self.stopped() => return Ok(()),
        };
        let result = tokio::select! {
            error = lock.lost(poll) => Err(error.into()),
            error = &mut evicted => Err(error.into()),
            result = self.act(pause) => result,
        };
        lock.release().await;
        result
    }

    /// Follows the feed, and builds another revision beside it when somebody
    /// has asked for one.
    async fn act(&self, pause: &mut Duration) -> Result<(), Trouble> {
        let name = self.subscriber.name();
        let live = checkpoint::take_over(self.database(), name).await?;
        let live = Mutex::new(live);
        *pause = RETRY;
        tokio::select! {
            result = self.follow(&live) => result,
            never = self.subscriber.beside() => match never {},
            result = self.build_when_asked(&live),
                if self.subscriber.can_rebuild() => result,
        }
    }
}
// ANCHOR_END: lead-and-act

impl<S: Subscriber> Runner<S> {
    pub(super) fn database(&self) -> &Database {
        self.shared.store.database()
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Returns when the process stops.
    pub(super) async fn stopped(&self) {
        // An error means that nobody is left to say so.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }

    /// Sleeps, but not longer than the process runs.
    pub(super) async fn sleep(&self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            () = self.stopped() => {}
        }
    }

    pub(super) fn warn(&self, trouble: &Trouble) {
        let mut text = trouble.to_string();
        let mut error: &dyn Error = trouble;
        while let Some(source) = error.source() {
            text = format!("{text}: {source}");
            error = source;
        }
        tracing::warn!(
            name: "projection.retry",
            {
                es.projection.name = self.subscriber.name(),
                error.type = trouble.reason(),
            },
            "trying again: {text}"
        );
    }
}

impl Trouble {
    /// What is wrong, in a word.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Later(halt) => halt.reason(),
            Self::Poison { reason, .. } => reason,
            Self::Fenced => "fenced",
        }
    }
}

/// Twice the pause, up to a limit.
pub(super) fn longer(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST)
}

/// The first pause.
pub(super) const fn shortest() -> Duration {
    RETRY
}
