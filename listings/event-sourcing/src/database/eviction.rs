//! Which connections are not used again.

use std::time::{Duration, Instant};

use sqlx::{Connection, postgres::PgPoolOptions};
use tokio::sync::watch;

use super::{Database, Fault, Statement};

/// How long after its last use a connection is taken to be alive.
const FRESH: Duration = Duration::from_millis(500);

// ANCHOR: eviction
/// When a connection was last found broken, or to lead to the wrong server,
/// such as a primary that has become a standby. All that are older are no
/// better.
#[derive(Clone, Debug, Default)]
pub(super) struct Eviction(watch::Sender<Option<Instant>>);

impl Eviction {
    /// Whether a connection of this age may be used.
    fn keeps(&self, age: Duration) -> bool {
        self.0.borrow().is_none_or(|found| age < found.elapsed())
    }

    /// Closes what is evicted, instead of using it. And asks a connection
    /// whether it is still there only if it has not been used for a while: by
    /// default each use costs this round trip more.
    pub(super) fn from(&self, pool: PgPoolOptions) -> PgPoolOptions {
        let eviction = self.clone();
        pool.test_before_acquire(false)
            .before_acquire(move |connection, it| {
                let keeps = eviction.keeps(it.age);
                Box::pin(async move {
                    if keeps && it.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(keeps)
                })
            })
    }
}
// ANCHOR_END: eviction

// ANCHOR: evict
impl Database {
    /// Uses no connection again that is open now, if `error` is about the
    /// connection: the next one may lead to the new primary.
    pub fn evict_for(&self, error: &sqlx::Error) {
        if Fault::of(error) == Fault::Connection {
            self.evict();
        }
    }

    fn evict(&self) {
        self.eviction.0.send_replace(Some(Instant::now()));
    }

    /// Changes when connections are evicted, for those who hold one of their
    /// own.
    pub fn evictions(&self) -> watch::Receiver<Option<Instant>> {
        self.eviction.0.subscribe()
    }
}
// ANCHOR_END: evict

// ANCHOR: is-writable
/// On for a standby as well: there every transaction is read-only.
const IS_WRITABLE: Statement = Statement::several(
    "SELECT",
    "SELECT NOT current_setting('transaction_read_only')::bool",
);

impl Database {
    /// Whether the server takes writes. If not, the next question goes out
    /// on a new connection, perhaps to another server.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_writable(&self) -> Result<bool, sqlx::Error> {
        let query = sqlx::query_scalar(IS_WRITABLE.text);
        let asking = query.fetch_one(&self.pool);
        let is_writable: bool = self.run(&IS_WRITABLE, asking).await?;
        if !is_writable {
            self.evict();
        }
        Ok(is_writable)
    }
}
// ANCHOR_END: is-writable
