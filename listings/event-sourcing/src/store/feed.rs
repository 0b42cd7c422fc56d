//! The feed: every event of every stream, in an order that never changes.

use sqlx::FromRow;

use super::{EventStore, RecordedEvent};
use crate::database::{Quiet, Statement};

// ANCHOR: feed-cursor
/// A place in the feed: behind the event with these numbers.
///
/// Positions alone would not do. They are given out when a row is written,
/// and transactions end in another order than they write in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, FromRow,
)]
pub struct FeedCursor {
    /// The transaction.
    pub tx_id: i64,
    /// The place within it.
    pub position: i64,
}

impl FeedCursor {
    /// Before the first event.
    pub const START: Self = Self {
        tx_id: 0,
        position: 0,
    };
}
// ANCHOR_END: feed-cursor

// ANCHOR: feed-statement
/// The fence is the id of the oldest transaction that is still open. Behind
/// it nothing can appear any more, so nothing in front of it is skipped.
///
/// `e.tx_id` and not `tx_id` in `ORDER BY`: the index must be found.
pub const FEED: Statement = Statement::one(
    "SELECT events",
    "SELECT",
    "events",
    "SELECT e.tx_id, e.position, e.stream_id, e.version, e.event_id,
            e.event_type, e.schema_version, e.payload::text AS payload,
            e.metadata::text AS metadata, e.recorded_at, e.prev_hash, e.hash
     FROM events e
     WHERE (e.tx_id, e.position) > ($1, $2)
       AND e.tx_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
     ORDER BY e.tx_id, e.position LIMIT $3",
);
// ANCHOR_END: feed-statement

const BEHIND: Statement = Statement::one(
    "SELECT events",
    "SELECT",
    "events",
    "SELECT count(*) FROM (
         SELECT FROM events e WHERE (e.tx_id, e.position) > ($1, $2)
         LIMIT $3
     ) AS behind",
);

const RESTORED: Statement = Statement::one(
    "SELECT events",
    "SELECT",
    "events",
    "SELECT coalesce(max(tx_id), 0)
              >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
     FROM events",
);

// ANCHOR: feed
impl EventStore {
    /// Up to `limit` events behind `cursor`. What this returns is final: no
    /// event will ever appear between two of them, or before the first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed(
        &self,
        cursor: FeedCursor,
        limit: i64,
    ) -> Result<(Vec<RecordedEvent>, Quiet), sqlx::Error> {
        let query = sqlx::query_as(FEED.text)
            .bind(cursor.tx_id)
            .bind(cursor.position)
            .bind(limit.max(0));
        let pool = self.database.pool();
        self.database
            .run_quietly(&FEED, query.fetch_all(pool))
            .await
    }
}
// ANCHOR_END: feed

impl EventStore {
    /// How many events are behind `cursor`, those before the fence and those
    /// beyond it, counted up to `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn behind(
        &self,
        cursor: FeedCursor,
        most: i64,
    ) -> Result<i64, sqlx::Error> {
        let query = sqlx::query_scalar(BEHIND.text)
            .bind(cursor.tx_id)
            .bind(cursor.position)
            .bind(most);
        let pool = self.database.pool();
        let (count, _) = self
            .database
            .run_quietly(&BEHIND, query.fetch_one(pool))
            .await?;
        Ok(count)
    }
}

/// The events come from a cluster whose transaction ids were higher.
#[derive(Debug, thiserror::Error)]
pub enum RestoredFromTheFuture {
    /// They would stay behind the fence for years.
    #[error(
        "the events carry transaction ids that this cluster has not given \
         out yet, so no reader would see them; restore with pg_basebackup, \
         or set the ids anew (see the production page)"
    )]
    Yes,
    /// Nobody knows, because the database did not answer.
    #[error("the database cannot be asked: {0}")]
    Unknown(#[from] sqlx::Error),
}

// ANCHOR: restored
impl EventStore {
    /// Refuses a log that was dumped and restored into a younger cluster.
    ///
    /// # Errors
    /// When it was, or when the database fails.
    pub async fn check_not_from_the_future(
        &self,
    ) -> Result<(), RestoredFromTheFuture> {
        let query = sqlx::query_scalar(RESTORED.text);
        let pool = self.database.pool();
        let asking = query.fetch_one(pool);
        match self.database.run_quietly(&RESTORED, asking).await?.0 {
            true => Err(RestoredFromTheFuture::Yes),
            false => Ok(()),
        }
    }
}
// ANCHOR_END: restored
