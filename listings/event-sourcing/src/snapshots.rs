//! Snapshots: a cache of states, which may be deleted at any time.

use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    database::{Database, Statement},
    store::{Hash, Head, StreamId},
};

// ANCHOR: snapshot
/// A state and the end of the stream at which it was the state, from one and
/// the same fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<S> {
    /// The last event that the state knows of. Its hash tells it from the
    /// event of the same number in another history, such as a backup's.
    pub head: Head,
    /// The state after that event.
    pub state: S,
}

/// What the search for a snapshot led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<S> {
    /// A usable one.
    Usable(Snapshot<S>),
    /// None at all.
    Nothing,
    /// One that cannot be read, or was damaged: as good as none.
    Unusable,
}
// ANCHOR_END: snapshot

/// Snapshots of states of one shape. States of another shape are invisible:
/// a new shape begins with an empty cache.
#[derive(Clone, Debug)]
pub struct Snapshots {
    database: Database,
    schema: &'static str,
}

const NEWEST: Statement = Statement::one(
    "SELECT snapshots",
    "SELECT",
    "snapshots",
    "SELECT version, event_hash, state, state_hash FROM snapshots
     WHERE stream_id = $1 AND state_schema = $2 AND version <= $3
     ORDER BY version DESC LIMIT 1",
);

const KEEP: Statement = Statement::one(
    "INSERT snapshots",
    "INSERT",
    "snapshots",
    "INSERT INTO snapshots
         (stream_id, state_schema, version, event_hash, state, state_hash)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING",
);

impl Snapshots {
    /// Snapshots of states whose shape is called `schema`.
    pub fn new(database: Database, schema: &'static str) -> Self {
        Self { database, schema }
    }
}

// ANCHOR: snapshot-newest
impl Snapshots {
    /// The newest snapshot of a stream that is not newer than `version`.
    ///
    /// # Errors
    /// When the database fails. A damaged snapshot is no error.
    pub async fn newest<S: DeserializeOwned>(
        &self,
        stream: StreamId,
        version: i64,
    ) -> Result<Found<S>, sqlx::Error> {
        let query = sqlx::query_as(NEWEST.text)
            .bind(stream)
            .bind(self.schema)
            .bind(version);
        let pool = self.database.pool();
        let found: Option<(i64, Hash, String, Hash)> = self
            .database
            .run(&NEWEST, query.fetch_optional(pool))
            .await?;
        let Some((version, event, text, hash)) = found else {
            return Ok(Found::Nothing);
        };
        let head = Head {
            version,
            hash: event,
        };
        let state = serde_json::from_str(&text);
        Ok(match state {
            Ok(state) if hash == state_hash(&text) => {
                Found::Usable(Snapshot { head, state })
            }
            _ => Found::Unusable,
        })
    }
}
// ANCHOR_END: snapshot-newest

/// Why a snapshot was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The state cannot be written as JSON.
    #[error("the state is no JSON")]
    State(#[from] serde_json::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

// ANCHOR: snapshot-keep
impl Snapshots {
    /// Keeps a snapshot. Whoever comes second with the same version changes
    /// nothing.
    ///
    /// # Errors
    /// When it could not be kept. That is a pity and no more.
    pub async fn keep<S: Serialize>(
        &self,
        stream: StreamId,
        snapshot: &Snapshot<S>,
    ) -> Result<(), KeepError> {
        let text = serde_json::to_string(&snapshot.state)?;
        let query = sqlx::query(KEEP.text)
            .bind(stream)
            .bind(self.schema)
            .bind(snapshot.head.version)
            .bind(snapshot.head.hash)
            .bind(&text)
            .bind(state_hash(&text));
        let pool = self.database.pool();
        self.database.run(&KEEP, query.execute(pool)).await?;
        Ok(())
    }
}
// ANCHOR_END: snapshot-keep

fn state_hash(text: &str) -> Hash {
    Hash(Sha256::digest(text).into())
}
