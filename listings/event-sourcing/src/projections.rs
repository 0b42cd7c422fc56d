//! What follows the feed: read models, and what reacts to events.

mod balances;
mod status;

use tokio::{sync::watch, task::JoinSet};

pub use balances::{Balance, Balances, ReadError, Status};
pub use status::ProjectionStatus;

use crate::store::EventStore;

/// Follows the feed. A clone is another handle to the same.
#[derive(Clone, Debug)]
pub struct Projections {
    store: EventStore,
    balances: Balances,
}

/// Why a projection is not rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is none of this name.
    #[error("there is no such projection")]
    NoSuchProjection,
    /// It has effects outside its tables, which would happen again.
    #[error("what this projection does cannot be done again")]
    NotRebuildable,
    /// It is being rebuilt already.
    #[error("the projection is being rebuilt already")]
    UnderWay,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl Projections {
    /// Projections of the events in `store`.
    pub fn new(store: EventStore) -> Self {
        let balances = Balances::new(store.clone());
        Self { store, balances }
    }

    /// Starts every subscriber of this process.
    pub fn spawn(&self) -> Running {
        Running {
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
        }
    }

    /// The account balances, to read them.
    pub fn balances(&self) -> &Balances {
        &self.balances
    }

    /// Asks for a new revision of projection `name`, and returns its number.
    /// Reads see the old one until the new one is complete.
    ///
    /// # Errors
    /// When there is none of this name, when it is being rebuilt, when it
    /// must not be, or when the database fails.
    pub async fn rebuild(&self, _name: &str) -> Result<i32, RebuildError> {
        Err(RebuildError::NoSuchProjection)
    }
}

/// Subscribers that run. They also stop, less gently, when this is dropped.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Lets each subscriber finish its page, and waits for them.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}
