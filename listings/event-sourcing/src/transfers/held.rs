//! Transfers that are held: rows of the table `held_transfers`.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Transfers, Trouble};
use crate::{
    database::Statement,
    store::{RecordedEvent, StreamId},
};

/// A transfer that did not come to its end at once.
#[derive(Debug)]
pub(super) struct Held {
    event_id: Uuid,
    /// Names the event, not its content.
    label: String,
    trouble: Trouble,
}

impl Held {
    pub(super) fn new(event: &RecordedEvent, trouble: Trouble) -> Self {
        Self {
            event_id: event.event_id,
            label: event.label(),
            trouble,
        }
    }

    /// Tells an operator that nothing goes on here by itself.
    pub(super) fn tell(&self) {
        let reason = self.trouble.reason();
        tracing::error!(
            name: "transfer.parked",
            { error.type = reason },
            "a transfer cannot be brought to its end and is parked: \
             {reason}: {}",
            self.label
        );
    }
}

// ANCHOR: hold-statement
/// One that is held already stays as it is: it was delivered again.
const HOLD: Statement = Statement::one(
    "INSERT held_transfers",
    "INSERT",
    "held_transfers",
    "INSERT INTO held_transfers
         (event_id, stream_id, version, state, reason, attempts, due_at)
     VALUES ($1, $2, $3, $4, $5, $6,
             clock_timestamp() + interval '250 ms')
     ON CONFLICT DO NOTHING",
);
// ANCHOR_END: hold-statement

// ANCHOR: hold
impl Transfers {
    /// Notes those of `held` that are on `page`, in `transaction`.
    pub(super) async fn hold(
        &self,
        held: &[Held],
        page: &[RecordedEvent],
        transaction: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        for it in held {
            let mut page = page.iter();
            let Some(event) = page.find(|on| on.event_id == it.event_id) else {
                continue;
            };
            let query = sqlx::query(HOLD.text)
                .bind(event.event_id)
                .bind(event.stream_id)
                .bind(event.version)
                .bind(state(&it.trouble))
                .bind(it.trouble.reason())
                .bind(it.trouble.tries());
            let holding = query.execute(&mut *transaction);
            let new = self.store.database().run(&HOLD, holding).await?;
            if it.trouble.is_hopeless() && new.rows_affected() == 1 {
                it.tell();
            }
        }
        Ok(())
    }
}
// ANCHOR_END: hold

/// What becomes of a transfer with this trouble.
pub(super) fn state(trouble: &Trouble) -> &'static str {
    match trouble.is_hopeless() {
        true => "parked",
        false => "waiting",
    }
}

/// A transfer that is held, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct HeldTransfer {
    /// The event that sent the money, or that nobody can read.
    pub event_id: Uuid,
    /// The stream of that event: the sender.
    pub stream_id: StreamId,
    /// Its place there.
    pub version: i64,
    /// `waiting`, to be tried again by itself, or `parked`.
    pub state: String,
    /// What is wrong, in a word.
    pub reason: String,
    /// How often it was tried since it was held or released.
    pub attempts: i32,
    /// Since when.
    pub held_since: OffsetDateTime,
}

const LIST: Statement = Statement::one(
    "SELECT held_transfers",
    "SELECT",
    "held_transfers",
    "SELECT event_id, stream_id, version, state, reason, attempts, held_since
     FROM held_transfers ORDER BY state, held_since LIMIT 500",
);

// ANCHOR: release
const RELEASE: Statement = Statement::one(
    "UPDATE held_transfers",
    "UPDATE",
    "held_transfers",
    "UPDATE held_transfers
     SET state = 'waiting', attempts = 0, due_at = clock_timestamp()
     WHERE event_id = $1",
);

impl Transfers {
    /// Lets a transfer be tried again now, whatever has held it. Says whether
    /// it was held. It may end or be parked again; it cannot end twice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, event_id: Uuid) -> Result<bool, sqlx::Error> {
        let database = self.store.database();
        let query = sqlx::query(RELEASE.text).bind(event_id);
        let releasing = query.execute(database.pool());
        let released = database.run(&RELEASE, releasing).await?;
        Ok(released.rows_affected() == 1)
    }
}
// ANCHOR_END: release

impl Transfers {
    /// What is held: up to 500 of them, the parked ones first, the oldest
    /// before the younger.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn held(&self) -> Result<Vec<HeldTransfer>, sqlx::Error> {
        let database = self.store.database();
        let query = sqlx::query_as(LIST.text).fetch_all(database.pool());
        database.run(&LIST, query).await
    }
}
