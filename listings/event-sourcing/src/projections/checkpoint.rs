//! How far a subscriber has come: rows of the table `projections`.

use sqlx::{FromRow, PgConnection};

use crate::{
    database::{Database, Statement},
    store::FeedCursor,
};

// ANCHOR: checkpoint
/// A revision of a subscriber, how far it has read, and the right to go on.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Checkpoint {
    pub(super) name: String,
    pub(super) revision: i32,
    #[sqlx(flatten)]
    pub(super) cursor: FeedCursor,
    /// The number that makes the right: a later holder has a higher one.
    pub(super) fence: i64,
}
// ANCHOR_END: checkpoint

const BEGIN: Statement = Statement::one(
    "INSERT projections",
    "INSERT",
    "projections",
    "INSERT INTO projections (name, revision, status)
     SELECT $1, 1, 'live'
     WHERE NOT EXISTS (SELECT FROM projections WHERE name = $1)
     ON CONFLICT DO NOTHING",
);

// ANCHOR: take-over-statement
/// Makes every earlier holder's number worthless. What had stopped gets
/// another chance: this may be a program that can read the event.
const TAKE_OVER: Statement = Statement::one(
    "UPDATE projections",
    "UPDATE",
    "projections",
    "WITH mine AS (
         UPDATE projections
         SET fence = 1 + (SELECT max(fence) FROM projections WHERE name = $1),
             stopped = NULL
         WHERE name = $1 AND status <> 'retired'
         RETURNING name, revision, status, tx_id, position, fence
     )
     SELECT name, revision, tx_id, position, fence
     FROM mine WHERE status = 'live'",
);
// ANCHOR_END: take-over-statement

// ANCHOR: move-statement
/// Moves on, if this is still the holder and nobody else has moved.
const MOVE_ON: Statement = Statement::one(
    "UPDATE projections",
    "UPDATE",
    "projections",
    "UPDATE projections
     SET tx_id = $4, position = $5, processed = processed + $6
     WHERE name = $1 AND revision = $2 AND fence = $3
       AND (tx_id, position) = ($7, $8) AND status <> 'retired'",
);
// ANCHOR_END: move-statement

const STOP: Statement = Statement::one(
    "UPDATE projections",
    "UPDATE",
    "projections",
    "UPDATE projections SET stopped = $4
     WHERE name = $1 AND revision = $2 AND fence = $3",
);

/// Makes sure that there is a first revision of subscriber `name`.
pub(super) async fn begin(
    database: &Database,
    name: &str,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(BEGIN.text).bind(name);
    let query = query.execute(database.pool());
    database.run_quietly(&BEGIN, query).await?;
    Ok(())
}

/// The live revision, for whoever holds the lock of subscriber `name`.
pub(super) async fn take_over(
    database: &Database,
    name: &str,
) -> Result<Checkpoint, sqlx::Error> {
    begin(database, name).await?;
    let query = sqlx::query_as(TAKE_OVER.text).bind(name);
    let query = query.fetch_one(database.pool());
    let (checkpoint, _) = database.run_quietly(&TAKE_OVER, query).await?;
    Ok(checkpoint)
}

// ANCHOR: move-on
impl Checkpoint {
    /// Moves to `cursor`, `events` further on, in `transaction`. Says whether
    /// it has: if not, somebody else is the holder, and nothing may be
    /// written.
    pub(super) async fn move_on(
        &self,
        cursor: FeedCursor,
        events: usize,
        database: &Database,
        transaction: &mut PgConnection,
    ) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(MOVE_ON.text)
            .bind(&self.name)
            .bind(self.revision)
            .bind(self.fence)
            .bind(cursor.tx_id)
            .bind(cursor.position)
            .bind(events as i64)
            .bind(self.cursor.tx_id)
            .bind(self.cursor.position);
        let moving = database.run(&MOVE_ON, query.execute(transaction));
        Ok(moving.await?.rows_affected() == 1)
    }
}
// ANCHOR_END: move-on

impl Checkpoint {
    /// Notes for everybody to see why the subscriber has stopped here.
    pub(super) async fn stop(
        &self,
        why: &str,
        database: &Database,
    ) -> Result<(), sqlx::Error> {
        let query = sqlx::query(STOP.text)
            .bind(&self.name)
            .bind(self.revision)
            .bind(self.fence)
            .bind(why);
        let query = query.execute(database.pool());
        database.run_quietly(&STOP, query).await?;
        Ok(())
    }
}
