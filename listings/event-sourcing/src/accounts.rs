//! Accounts out of the log: the newest snapshot, and the events behind it.

mod folding;

// ANCHOR: imports
use std::{num::NonZeroU32, sync::Arc};

use telemetry::carry;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    codec::DecodeError,
    domain::{Account, AccountId, ImpossibleEvent},
    instruments::{Instruments, SnapshotUse},
    snapshots::{Found, Snapshot, Snapshots},
    store::{EventStore, Head, PAGE},
};
use folding::Folding;
// ANCHOR_END: imports

/// The shape of [`Account`] as it is kept in snapshots. Change it whenever
/// the type changes.
pub const STATE_SCHEMA: &str = "account/1";

/// An account as its events have made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Its state.
    pub account: Account,
    /// The end of its stream when it was read.
    pub head: Head,
}

/// Why an account cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// An event cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// An event can be read, and cannot have happened.
    #[error("event {version} of stream {account} is impossible: {reason}")]
    Impossible {
        /// The account.
        account: AccountId,
        /// Which of its events.
        version: i64,
        /// What is wrong with it.
        reason: ImpossibleEvent,
    },
    /// Another event stands where this one should.
    #[error("event {version} of stream {account} is missing")]
    Missing {
        /// The account.
        account: AccountId,
        /// Which of its events.
        version: i64,
    },
}

/// Loads accounts, and keeps snapshots of long ones.
#[derive(Clone, Debug)]
pub struct Accounts {
    store: EventStore,
    snapshots: Snapshots,
    /// A snapshot every so many events; `None` for no snapshots at all.
    every: Option<NonZeroU32>,
    instruments: Arc<Instruments>,
}

impl Accounts {
    /// Accounts in `store`, with a snapshot `every` so many events.
    pub fn new(
        store: EventStore,
        every: Option<NonZeroU32>,
        instruments: Arc<Instruments>,
    ) -> Self {
        let snapshots = Snapshots::new(store.database().clone(), STATE_SCHEMA);
        Self {
            store,
            snapshots,
            every,
            instruments,
        }
    }

    /// The account as it is now.
    ///
    /// # Errors
    /// When the database fails, or an event does not make sense.
    pub async fn load(&self, id: AccountId) -> Result<Loaded, LoadError> {
        self.load_as_of(id, i64::MAX).await
    }
}

// ANCHOR: load
impl Accounts {
    /// The account as it was after event `version`, or is, if it has fewer.
    ///
    /// # Errors
    /// When the database fails, or an event does not make sense.
    pub async fn load_as_of(
        &self,
        id: AccountId,
        version: i64,
    ) -> Result<Loaded, LoadError> {
        let span = tracing::info_span!(
            "load account",
            es.load.source = Empty,
            es.snapshot.version = Empty,
            es.events.replayed = Empty,
        );
        let loading = async {
            let snapshot = self.snapshot(id, version).await?;
            let mut source = match snapshot {
                Some(_) => "snapshot",
                None => "events",
            };
            let folding = match self.fold(id, snapshot, version).await? {
                Some(folding) => folding,
                None => {
                    self.instruments.snapshot(SnapshotUse::Invalid);
                    source = "events";
                    self.fold(id, None, version).await?.unwrap_or_default()
                }
            };
            self.note(source, &folding);
            Ok(folding.loaded)
        };
        loading.instrument(span).await
    }
}
// ANCHOR_END: load

// ANCHOR: fold
impl Accounts {
    /// Folds a stream from its snapshot or its beginning, a page at a time.
    /// `None` when the snapshot is not of this history.
    async fn fold(
        &self,
        id: AccountId,
        snapshot: Option<Snapshot<Account>>,
        version: i64,
    ) -> Result<Option<Folding>, LoadError> {
        let mut from = snapshot.as_ref().map_or(1, |it| it.head.version);
        let mut base = snapshot;
        let mut folding = Folding::default();
        loop {
            let page =
                self.store.read_to_fold(id.0, from..=version, PAGE).await?;
            for event in &page {
                match base.take() {
                    None => folding.push(id, event)?,
                    // Its own event comes along, to vouch for it.
                    Some(base) if base.head == event.head => {
                        folding = Folding::after(base);
                    }
                    Some(_) => return Ok(None),
                }
            }
            if base.is_some() {
                return Ok(None);
            }
            if (page.len() as i64) < PAGE {
                return Ok(Some(folding));
            }
            from = folding.loaded.head.version + 1;
        }
    }
}
// ANCHOR_END: fold

impl Accounts {
    async fn snapshot(
        &self,
        id: AccountId,
        version: i64,
    ) -> Result<Option<Snapshot<Account>>, LoadError> {
        if self.every.is_none() {
            return Ok(None);
        }
        Ok(match self.snapshots.newest(id.0, version).await? {
            Found::Usable(snapshot) => Some(snapshot),
            Found::Nothing => {
                self.instruments.snapshot(SnapshotUse::Missed);
                None
            }
            Found::Unusable => {
                self.instruments.snapshot(SnapshotUse::Invalid);
                None
            }
        })
    }

    fn note(&self, source: &'static str, folding: &Folding) {
        let span = Span::current();
        span.record("es.load.source", source);
        span.record("es.events.replayed", folding.replayed);
        if let Some(version) = folding.from_snapshot {
            span.record("es.snapshot.version", version);
            self.instruments.snapshot(SnapshotUse::Used);
        }
        self.instruments.loaded(source, folding.replayed as u64);
    }
}

// ANCHOR: keep-snapshot
impl Accounts {
    /// Keeps a snapshot in the background, if the events since `before` have
    /// reached the next multiple of the interval.
    pub fn keep_snapshot_if_due(
        &self,
        id: AccountId,
        before: i64,
        after: &Loaded,
    ) {
        let Some(every) = self.every.map(|every| i64::from(every.get())) else {
            return;
        };
        if before / every == after.head.version / every {
            return;
        }
        let snapshot = Snapshot {
            head: after.head,
            state: after.account.clone(),
        };
        let this = self.clone();
        let span = tracing::info_span!(
            "write snapshot",
            es.snapshot.version = snapshot.head.version,
            otel.status_code = Empty,
            error.type = Empty,
        );
        let writing = async move {
            match this.snapshots.keep(id.0, &snapshot).await {
                Ok(()) => this.instruments.snapshot_written(),
                Err(error) => {
                    // The command is done; only the next load is slower.
                    Span::current().record("otel.status_code", "ERROR");
                    Span::current().record("error.type", "snapshot_not_kept");
                    tracing::warn!(name: "snapshot.failed", "{error}");
                }
            }
        };
        tokio::spawn(carry::future(writing.instrument(span)));
    }
}
// ANCHOR_END: keep-snapshot
