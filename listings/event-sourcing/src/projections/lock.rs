//! One process at a time: a lock that lives as long as a connection.

use std::{io, time::Duration};

use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::time::{sleep, timeout};

use crate::database::Database;

/// How long the connection may take to show that it is alive.
const PATIENCE: Duration = Duration::from_secs(2);

// ANCHOR: lock
/// The right to act for a subscriber. PostgreSQL takes it back when the
/// connection ends, however it ends: with `kill -9`, too.
///
/// It is a session's lock, on a connection of its own. A pooler that shares
/// connections between transactions would break it.
#[derive(Debug)]
pub(super) struct Lock(PgConnection);

impl Lock {
    /// Waits until no other process acts for the subscriber `name`.
    pub(super) async fn wait(
        database: &Database,
        name: &str,
        poll: Duration,
    ) -> Result<Self, sqlx::Error> {
        let options = database.pool().connect_options();
        let mut connection = options.connect().await?;
        let key = key(name);
        loop {
            let query = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)");
            if query.bind(key).fetch_one(&mut connection).await? {
                return Ok(Self(connection));
            }
            sleep(poll).await;
        }
    }
}
// ANCHOR_END: lock

// ANCHOR: lock-lost
impl Lock {
    /// Returns when the lock is lost, or may be.
    pub(super) async fn lost(&mut self, poll: Duration) -> sqlx::Error {
        loop {
            sleep(poll).await;
            match timeout(PATIENCE, self.0.ping()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error,
                Err(_) => return sqlx::Error::PoolTimedOut,
            }
        }
    }

    /// Gives it back, so that another process need not wait.
    pub(super) async fn release(self) {
        // If this fails, the connection has gone, and the lock with it.
        let _ = timeout(PATIENCE, self.0.close()).await;
    }
}
// ANCHOR_END: lock-lost

// ANCHOR: evicted
/// Returns when a lock may be one on the wrong server: others would not see
/// it, and this process would not see theirs.
pub(super) async fn evicted(database: &Database) -> sqlx::Error {
    // The sender is in the database.
    let _ = database.evictions().changed().await;
    let why = "the server takes no writes, so neither counts its lock";
    sqlx::Error::Io(io::Error::other(why))
}
// ANCHOR_END: evicted

/// Where the lock is, out of 2⁶⁴ places that any program may use.
fn key(name: &str) -> i64 {
    let mut hash = Sha256::new_with_prefix("observable-rust/subscriber/");
    hash.update(name);
    let hash: [u8; 32] = hash.finalize().into();
    let (head, _) = hash.split_at(8);
    head.iter().fold(0, |key, byte| key << 8 | i64::from(*byte))
}
