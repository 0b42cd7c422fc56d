//! Reading streams, a page at a time.

use std::ops::RangeInclusive;

use sqlx::PgExecutor;
use time::OffsetDateTime;

use super::{EventStore, Hash, Head, RecordedEvent, StreamId};
use crate::database::Statement;

/// Events that are read at once, so that a long stream needs no more memory
/// than a short one.
pub const PAGE: i64 = 1_000;

// ANCHOR: read-statement
/// The events of a stream, by version.
pub const EVENTS: Statement = Statement::one(
    "SELECT events",
    "SELECT",
    "events",
    "SELECT tx_id, position, stream_id, version, event_id, event_type,
            schema_version, payload::text, metadata::text, recorded_at,
            prev_hash, hash
     FROM events
     WHERE stream_id = $1 AND version BETWEEN $2 AND $3
     ORDER BY version LIMIT $4",
);
// ANCHOR_END: read-statement

const HEAD: Statement = Statement::one(
    "SELECT streams",
    "SELECT",
    "streams",
    "SELECT version, head_hash FROM streams WHERE stream_id = $1",
);

const VERSION_AT: Statement = Statement::one(
    "SELECT events",
    "SELECT",
    "events",
    "SELECT max(version) FROM events
     WHERE stream_id = $1 AND recorded_at <= $2",
);

// ANCHOR: read
impl EventStore {
    /// Events of a stream in order, those whose version is in `versions`, and
    /// no more than `limit`. A stream that does not exist has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(
        &self,
        stream: StreamId,
        versions: RangeInclusive<i64>,
        limit: i64,
    ) -> Result<Vec<RecordedEvent>, sqlx::Error> {
        let query = sqlx::query_as(EVENTS.text)
            .bind(stream)
            .bind(*versions.start())
            .bind(*versions.end())
            .bind(limit.max(0));
        let pool = self.database.pool();
        self.database.run(&EVENTS, query.fetch_all(pool)).await
    }
}
// ANCHOR_END: read

// ANCHOR: read-to-fold
/// What a fold needs of an event: less than half of it.
const TO_FOLD: Statement = Statement::one(
    "SELECT events",
    "SELECT",
    "events",
    "SELECT version, event_type, schema_version, payload::text, hash
     FROM events
     WHERE stream_id = $1 AND version BETWEEN $2 AND $3
     ORDER BY version LIMIT $4",
);

/// An event as a fold sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventToFold {
    /// Its place in the stream, and its hash.
    pub head: Head,
    /// What kind of event.
    pub event_type: String,
    /// Which shape the payload has.
    pub schema_version: i16,
    /// What happened, as JSON text.
    pub payload: String,
}
// ANCHOR_END: read-to-fold

impl EventStore {
    /// The same events as [`EventStore::read`] finds, to fold them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_to_fold(
        &self,
        stream: StreamId,
        versions: RangeInclusive<i64>,
        limit: i64,
    ) -> Result<Vec<EventToFold>, sqlx::Error> {
        let query = sqlx::query_as(TO_FOLD.text)
            .bind(stream)
            .bind(*versions.start())
            .bind(*versions.end())
            .bind(limit.max(0));
        let rows = query.fetch_all(self.database.pool());
        let rows: Vec<(i64, String, i16, String, Hash)> =
            self.database.run(&TO_FOLD, rows).await?;
        let events = rows.into_iter().map(
            |(version, event_type, schema_version, payload, hash)| {
                EventToFold {
                    head: Head { version, hash },
                    event_type,
                    schema_version,
                    payload,
                }
            },
        );
        Ok(events.collect())
    }
}

impl EventStore {
    /// Where a stream ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self, stream: StreamId) -> Result<Head, sqlx::Error> {
        self.head_through(self.database.pool(), stream).await
    }

    pub(super) async fn head_through(
        &self,
        executor: impl PgExecutor<'_>,
        stream: StreamId,
    ) -> Result<Head, sqlx::Error> {
        let query = sqlx::query_as(HEAD.text).bind(stream);
        let found = self.database.run(&HEAD, query.fetch_optional(executor));
        Ok(found
            .await?
            .map_or(Head::NONE, |(version, hash)| Head { version, hash }))
    }
}

// ANCHOR: version-at
impl EventStore {
    /// The last version that was there at `time`, if there was one.
    ///
    /// The clock of a writer may be behind that of another, so times need not
    /// grow along a stream. The last version whose time had come is what
    /// counts: it never goes back as `time` moves on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version_at(
        &self,
        stream: StreamId,
        time: OffsetDateTime,
    ) -> Result<Option<i64>, sqlx::Error> {
        let query = sqlx::query_scalar(VERSION_AT.text).bind(stream).bind(time);
        let pool = self.database.pool();
        self.database.run(&VERSION_AT, query.fetch_one(pool)).await
    }
}
// ANCHOR_END: version-at
