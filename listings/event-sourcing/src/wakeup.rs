//! Tells those who read the feed that there is something new.
//!
//! Within the process at once, and to other processes by NOTIFY. Never inside
//! the appending transaction: PostgreSQL lets only one of those commit at a
//! time. And never as the only sign: a reader polls as well.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::{sync::watch, time::sleep};

use crate::database::{Database, sqlstate};

const CHANNEL: &str = "events_appended";

/// How long to wait before a broken connection is tried again.
const RETRY: Duration = Duration::from_secs(1);

// ANCHOR: wakeup
/// A bell that appends ring and that readers hear. A clone is the same bell.
#[derive(Clone, Debug)]
pub struct Wakeup {
    /// Rung by appends of this process.
    here: watch::Sender<()>,
    /// Rung by appends of any process.
    anywhere: watch::Sender<()>,
}

impl Default for Wakeup {
    fn default() -> Self {
        Self {
            here: watch::Sender::new(()),
            anywhere: watch::Sender::new(()),
        }
    }
}

impl Wakeup {
    /// Rings, after a commit. Many rings before anybody listens are one.
    pub fn committed(&self) {
        self.here.send_replace(());
        self.anywhere.send_replace(());
    }

    /// Hears the bell from now on.
    pub fn listen(&self) -> watch::Receiver<()> {
        self.anywhere.subscribe()
    }
}
// ANCHOR_END: wakeup

// ANCHOR: wakeup-tell
impl Wakeup {
    /// Rings the bells of the other processes, for ever. However many commits
    /// there are, one NOTIFY is under way at a time.
    pub async fn tell_others(self, database: Database) {
        let mut here = self.here.subscribe();
        while here.changed().await.is_ok() {
            let notify = sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL);
            if let Err(error) = notify.execute(database.pool()).await {
                // The others poll, so they are late, not lost.
                note(&database, "cannot notify", &error);
                sleep(RETRY).await;
            }
        }
    }

    /// Rings this process's bell when another process has rung, for ever.
    pub async fn hear_others(self, database: Database) {
        loop {
            if let Err(error) = self.hear(&database).await {
                note(&database, "cannot listen", &error);
            }
            sleep(RETRY).await;
        }
    }

    /// Until it is evicted: on a former primary nobody rings any more.
    async fn hear(&self, database: &Database) -> Result<(), sqlx::Error> {
        let mut evictions = database.evictions();
        let mut listener = PgListener::connect_with(database.pool()).await?;
        listener.listen(CHANNEL).await?;
        loop {
            tokio::select! {
                rung = listener.recv() => rung.map(drop)?,
                _ = evictions.changed() => return Ok(()),
            }
            self.anywhere.send_replace(());
        }
    }
}
// ANCHOR_END: wakeup-tell

fn note(database: &Database, what: &'static str, error: &sqlx::Error) {
    database.evict_for(error);
    let code = sqlstate(error).unwrap_or_default();
    tracing::warn!(
        name: "wakeup.failed",
        { error.type = code },
        "{what} for new events; readers poll meanwhile"
    );
}
