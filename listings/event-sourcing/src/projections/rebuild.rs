//! Another revision, built beside the live one and put in its place.

mod ask;
mod switch;

use opentelemetry::{Context, context::FutureExt};
use tokio::{sync::Mutex, time::sleep};

pub use ask::RebuildError;

use super::{
    Subscriber,
    checkpoint::Checkpoint,
    runner::{Runner, Trouble, longer, shortest},
};
use crate::{database::Statement, store::PAGE};

const ASKED_FOR: Statement = Statement::one(
    "SELECT projections",
    "SELECT",
    "projections",
    "SELECT name, revision, tx_id, position, fence FROM projections
     WHERE name = $1 AND status = 'building' AND stopped IS NULL",
);

const RETIRED: Statement = Statement::one(
    "SELECT projections",
    "SELECT",
    "projections",
    "SELECT revision FROM projections
     WHERE name = $1 AND status = 'retired'",
);

/// How much a rebuild has done so far.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) events: i64,
    pub(super) pages: i64,
}

// ANCHOR: build-when-asked
impl<S: Subscriber> Runner<S> {
    /// Builds what is asked for, by this process or another, for ever. What a
    /// crash has interrupted is still asked for, and goes on where it was.
    pub(super) async fn build_when_asked(
        &self,
        live: &Mutex<Checkpoint>,
    ) -> Result<(), Trouble> {
        let mut bell = self.shared.asked.subscribe();
        let mut retry = shortest();
        let mut tidy = false;
        loop {
            bell.mark_unchanged();
            match self.build_next(live, &mut tidy).await {
                Ok(Some(())) => retry = shortest(),
                Ok(None) => {
                    tokio::select! {
                        () = sleep(self.shared.pace.poll) => {}
                        _ = bell.changed() => {}
                    }
                }
                // It is noted, and nobody asks for that revision any more.
                Err(Trouble::Poison { .. }) => {}
                Err(Trouble::Fenced) => return Err(Trouble::Fenced),
                Err(trouble @ Trouble::Later(_)) => {
                    self.warn(&trouble);
                    self.sleep(retry).await;
                    retry = longer(retry);
                }
            }
        }
    }
}
// ANCHOR_END: build-when-asked

impl<S: Subscriber> Runner<S> {
    async fn build_next(
        &self,
        live: &Mutex<Checkpoint>,
        tidy: &mut bool,
    ) -> Result<Option<()>, Trouble> {
        if !*tidy {
            self.forget_retired().with_context(silent()).await?;
            *tidy = true;
        }
        let database = self.database();
        let query = sqlx::query_as(ASKED_FOR.text).bind(self.subscriber.name());
        let query = query.fetch_optional(database.pool());
        match database.run_quietly(&ASKED_FOR, query).await? {
            (Some(building), _) => {
                *tidy = false;
                self.build(building, live).await?;
                *tidy = true;
                Ok(Some(()))
            }
            (None, _) => Ok(None),
        }
    }
}

// ANCHOR: build
impl<S: Subscriber> Runner<S> {
    /// Builds a revision to its end: one span, and none for each page.
    async fn build(
        &self,
        mut building: Checkpoint,
        live: &Mutex<Checkpoint>,
    ) -> Result<(), Trouble> {
        let asked = self.shared.asked.borrow().clone();
        let span = self.shared.signals.start_rebuild(&building, asked);
        let mut progress = Progress::default();
        let work = async {
            self.catch_up(&mut building, &mut progress)
                .with_context(silent())
                .await?;
            let live = live.lock().await;
            self.switch(&building, live).await?;
            self.forget_retired().await
        };
        let result = work.with_context(span.clone()).await;
        let signals = &self.shared.signals;
        signals.end_rebuild(&span, &building, &progress, &result);
        if let Err(Trouble::Poison { why, .. }) = &result {
            building.stop(why, self.database()).await?;
        }
        result
    }
}
// ANCHOR_END: build

// ANCHOR: catch-up
impl<S: Subscriber> Runner<S> {
    /// Processes all that is there, in large pages.
    async fn catch_up(
        &self,
        building: &mut Checkpoint,
        progress: &mut Progress,
    ) -> Result<(), Trouble> {
        loop {
            let cursor = building.cursor;
            let (page, _) = self.shared.store.feed(cursor, PAGE).await?;
            self.commit_before(None, &page, building).await?;
            progress.events += page.len() as i64;
            progress.pages += i64::from(!page.is_empty());
            if (page.len() as i64) < PAGE {
                return Ok(());
            }
        }
    }
}
// ANCHOR_END: catch-up

/// A context in which nothing makes a span.
fn silent() -> Context {
    Context::current().with_telemetry_suppressed()
}

impl<S: Subscriber> Runner<S> {
    /// Deletes what revisions that are no longer read have left behind.
    async fn forget_retired(&self) -> Result<(), Trouble> {
        let database = self.database();
        let query = sqlx::query_scalar(RETIRED.text);
        let query = query.bind(self.subscriber.name());
        let query = query.fetch_all(database.pool());
        let (revisions, _) = database.run_quietly(&RETIRED, query).await?;
        for revision in revisions {
            while self.subscriber.forget(revision).await? > 0 {}
        }
        Ok(())
    }
}
