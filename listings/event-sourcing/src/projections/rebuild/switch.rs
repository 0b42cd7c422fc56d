//! The moment in which a new revision takes the place of the old one.

use opentelemetry::context::FutureExt;
use sqlx::PgConnection;
use tokio::sync::MutexGuard;

use super::silent;
use crate::{
    database::Statement,
    projections::{
        Subscriber,
        checkpoint::Checkpoint,
        live::{Refused, trouble},
        runner::{Runner, Trouble},
    },
    store::{FeedCursor, PAGE},
};

const LOCK_BOTH: Statement = Statement::one(
    "SELECT projections",
    "SELECT",
    "projections",
    "SELECT name, revision, tx_id, position, fence FROM projections
     WHERE name = $1 AND status <> 'retired'
     ORDER BY revision FOR UPDATE",
);

// ANCHOR: switch-statements
/// Two statements: a unique index, which allows one live revision, is checked
/// row by row.
const RETIRE: Statement = Statement::one(
    "UPDATE projections",
    "UPDATE",
    "projections",
    "UPDATE projections SET status = 'retired'
     WHERE name = $1 AND revision = $2",
);

const PROMOTE: Statement = Statement::one(
    "UPDATE projections",
    "UPDATE",
    "projections",
    "UPDATE projections SET status = 'live'
     WHERE name = $1 AND revision = $2",
);
// ANCHOR_END: switch-statements

// ANCHOR: switch
impl<S: Subscriber> Runner<S> {
    /// Puts `building` in the place of the live revision, in one transaction.
    /// The live one stands still meanwhile, and what it has seen, the new one
    /// sees before anybody reads it: no reader goes back in time.
    pub(super) async fn switch(
        &self,
        building: &Checkpoint,
        mut live: MutexGuard<'_, Checkpoint>,
    ) -> Result<(), Trouble> {
        let database = self.database();
        let mut transaction = database.begin().await?;
        let query = sqlx::query_as(LOCK_BOTH.text).bind(&building.name);
        let query = query.fetch_all(&mut *transaction);
        let (both, _) = database.run_quietly(&LOCK_BOTH, query).await?;
        let [old, mut new]: [Checkpoint; 2] =
            both.try_into().map_err(|_| Trouble::Fenced)?;
        if old.fence != live.fence || new.revision != building.revision {
            return Err(Trouble::Fenced);
        }
        self.reach(old.cursor, &mut new, &mut transaction)
            .with_context(silent())
            .await?;
        for (statement, which) in [(&RETIRE, &old), (&PROMOTE, &new)] {
            let query = sqlx::query(statement.text)
                .bind(&which.name)
                .bind(which.revision);
            let query = query.execute(&mut *transaction);
            database.run(statement, query).await?;
        }
        transaction.commit().await?;
        *live = new;
        self.shared.progress.send_replace(());
        Ok(())
    }
}
// ANCHOR_END: switch

// ANCHOR: reach
impl<S: Subscriber> Runner<S> {
    /// Processes up to `goal` at least, as a part of `transaction`.
    async fn reach(
        &self,
        goal: FeedCursor,
        new: &mut Checkpoint,
        transaction: &mut PgConnection,
    ) -> Result<(), Trouble> {
        while new.cursor < goal {
            let (page, _) = self.shared.store.feed(new.cursor, PAGE).await?;
            match self.write(&page, new, transaction).await {
                Ok(Some(cursor)) => new.cursor = cursor,
                Err(Refused::Halt(halt)) => return Err(trouble(halt, &page)),
                // What the other has seen cannot have gone.
                Ok(None) | Err(Refused::Fenced) => return Err(Trouble::Fenced),
            }
        }
        Ok(())
    }
}
// ANCHOR_END: reach
