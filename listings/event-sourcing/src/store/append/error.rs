//! Why an append wrote nothing.

use sqlx::error::ErrorKind;

use crate::{database::sqlstate, store::chain::NotStorable};

// ANCHOR: append-error
/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream ends elsewhere: another writer was faster. Read it again.
    #[error("the stream ends at version {actual}, not at {expected}")]
    Conflict {
        /// Where the writer believed it to end.
        expected: i64,
        /// Where it ends.
        actual: i64,
    },
    /// A request with this key has been answered, or an order of the
    /// program's own with this id carried out.
    #[error("the idempotency key has been used")]
    KeyUsed,
    /// A request with this key is being answered right now, or another writer
    /// holds the stream, and does not let go in time.
    #[error("another request holds the idempotency key or the stream")]
    KeyInUse,
    /// An event with this id exists, in this stream or another.
    #[error("an event with this id exists")]
    DuplicateEvent,
    /// An event would not come back as it went in.
    #[error("event {index} {reason}")]
    NotStorable {
        /// Which of the events, from 0.
        index: usize,
        /// What is wrong with it.
        reason: NotStorable,
    },
    /// The database did not answer, or said no.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}
// ANCHOR_END: append-error

// ANCHOR: from-sqlx
impl From<sqlx::Error> for AppendError {
    /// Tells a race that was lost from a database that failed.
    fn from(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error() else {
            return Self::Database(error);
        };
        let unique = database.kind() == ErrorKind::UniqueViolation;
        let constraint = database.constraint().unwrap_or_default();
        match sqlstate(&error).as_deref() {
            _ if unique
                && ["idempotency_keys_pkey", "completed_orders_pkey"]
                    .contains(&constraint) =>
            {
                Self::KeyUsed
            }
            // A partition's constraint has a longer name.
            _ if unique && constraint.ends_with("event_id_key") => {
                Self::DuplicateEvent
            }
            // Serialization failure, deadlock: as if the other had been
            // faster. The versions are not known, and nobody needs them.
            Some("40001" | "40P01") => Self::Conflict {
                expected: 0,
                actual: 0,
            },
            Some("55P03") => Self::KeyInUse,
            _ => Self::Database(error),
        }
    }
}
// ANCHOR_END: from-sqlx

impl AppendError {
    /// A name for telemetry, out of a small set.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "version_conflict",
            Self::KeyUsed => "key_used",
            Self::KeyInUse => "key_in_use",
            Self::DuplicateEvent => "duplicate_event",
            Self::NotStorable { .. } => "not_storable",
            Self::Database(_) => "database",
        }
    }
}
