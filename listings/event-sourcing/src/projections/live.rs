//! The live revision: page after page, as soon as there is one.

use opentelemetry::context::FutureExt;
use sqlx::PgConnection;
use tokio::sync::Mutex;

use super::{
    Halt, Subscriber,
    checkpoint::Checkpoint,
    runner::{Runner, Trouble, longer, shortest},
};
use crate::store::{FeedCursor, RecordedEvent};

/// Events of a page. A span keeps 128 links, and each event of a page may
/// have been written in a span of its own.
const PAGE: i64 = 128;

/// What came of a look at the feed.
enum Step {
    /// A page is processed; there may be another.
    Moved,
    /// There is nothing.
    Idle,
    /// There is something, and an open transaction hides it.
    Hidden,
}

// ANCHOR: follow
impl<S: Subscriber> Runner<S> {
    /// Follows the feed until the process stops.
    pub(super) async fn follow(
        &self,
        live: &Mutex<Checkpoint>,
    ) -> Result<(), Trouble> {
        let pace = &self.shared.pace;
        let mut bell = self.shared.wakeup.listen();
        let mut retry = shortest();
        while !self.is_stopped() {
            // What rings from here on is news: the read comes after it.
            bell.mark_unchanged();
            let step = self.step(&mut *live.lock().await).await;
            let pause = match step {
                Ok(Step::Moved) => {
                    retry = shortest();
                    continue;
                }
                Ok(Step::Idle) => pace.poll,
                Ok(Step::Hidden) => pace.hidden,
                Err(Trouble::Poison { why, .. }) => {
                    self.rest(live, &why).await;
                    continue;
                }
                Err(trouble @ Trouble::Later(_)) => {
                    self.warn(&trouble);
                    self.sleep(retry).await;
                    retry = longer(retry);
                    continue;
                }
                Err(Trouble::Fenced) => return Err(Trouble::Fenced),
            };
            tokio::select! {
                () = self.sleep(pause) => {}
                _ = bell.changed() => {}
            }
        }
        Ok(())
    }
}
// ANCHOR_END: follow

// ANCHOR: step
impl<S: Subscriber> Runner<S> {
    /// Looks at the feed, and processes what is there in a CONSUMER span.
    async fn step(&self, checkpoint: &mut Checkpoint) -> Result<Step, Trouble> {
        let store = &self.shared.store;
        let (page, select) = store.feed(checkpoint.cursor, PAGE).await?;
        if page.is_empty() {
            // A look without a find leaves no span: it would be most of them.
            let hidden = store.behind(checkpoint.cursor, 1).await?;
            return Ok(if hidden == 0 {
                Step::Idle
            } else {
                Step::Hidden
            });
        }
        let signals = &self.shared.signals;
        let processing = signals.start(checkpoint, &page, select.started);
        select.tell(store.database(), &processing.context);
        let work = self.process(&page, checkpoint);
        let result = work.with_context(processing.context.clone()).await;
        signals.end(processing, checkpoint, &result);
        result.map(|()| Step::Moved)
    }

    async fn process(
        &self,
        page: &[RecordedEvent],
        checkpoint: &mut Checkpoint,
    ) -> Result<(), Trouble> {
        let halt = self.subscriber.react(page).await.err();
        self.commit_before(halt, page, checkpoint).await
    }
}
// ANCHOR_END: step

// ANCHOR: commit-before
impl<S: Subscriber> Runner<S> {
    /// Commits a page, or what comes before the event that halts it.
    pub(super) async fn commit_before(
        &self,
        mut halt: Option<Halt>,
        page: &[RecordedEvent],
        checkpoint: &mut Checkpoint,
    ) -> Result<(), Trouble> {
        let mut done = match &halt {
            Some(halt) => halt.at().min(page.len()),
            None => page.len(),
        };
        while done > 0 {
            match self.commit(&page[..done], checkpoint).await {
                Ok(()) => break,
                Err(Refused::Fenced) => return Err(Trouble::Fenced),
                Err(Refused::Halt(earlier)) => {
                    done = earlier.at().min(done - 1);
                    halt = Some(earlier);
                }
            }
        }
        halt.map_or(Ok(()), |halt| Err(trouble(halt, page)))
    }
}
// ANCHOR_END: commit-before

/// Why a page was not committed.
pub(super) enum Refused {
    /// The subscriber cannot process it.
    Halt(Halt),
    /// Somebody else is the holder.
    Fenced,
}

impl<E: Into<Halt>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Halt(error.into())
    }
}

// ANCHOR: commit
impl<S: Subscriber> Runner<S> {
    /// Moves the checkpoint and writes what the page leads to, or neither.
    async fn commit(
        &self,
        page: &[RecordedEvent],
        checkpoint: &mut Checkpoint,
    ) -> Result<(), Refused> {
        let mut transaction = self.database().begin().await?;
        let moved = self.write(page, checkpoint, &mut transaction).await?;
        transaction.commit().await?;
        checkpoint.cursor = moved.unwrap_or(checkpoint.cursor);
        self.shared.progress.send_replace(());
        Ok(())
    }

    /// The checkpoint first: whoever has been fenced off must not judge
    /// events by tables that have moved on without him.
    pub(super) async fn write(
        &self,
        page: &[RecordedEvent],
        checkpoint: &Checkpoint,
        transaction: &mut PgConnection,
    ) -> Result<Option<FeedCursor>, Refused> {
        let Some(end) = page.last().map(RecordedEvent::cursor) else {
            return Ok(None);
        };
        let moved = checkpoint
            .move_on(end, page.len(), self.database(), transaction)
            .await?;
        if !moved {
            return Err(Refused::Fenced);
        }
        self.subscriber
            .project(page, checkpoint.revision, transaction)
            .await?;
        self.shared.signals.processed(checkpoint, page.len());
        Ok(Some(end))
    }
}
// ANCHOR_END: commit

/// Names the event, not its content.
pub(super) fn trouble(halt: Halt, page: &[RecordedEvent]) -> Trouble {
    let Halt::Poison { at, reason } = halt else {
        return Trouble::Later(halt);
    };
    let why = page.get(at).map_or_else(
        || reason.to_owned(),
        |event| format!("{reason}: {}", event.label()),
    );
    Trouble::Poison { reason, why }
}

// ANCHOR: rest
impl<S: Subscriber> Runner<S> {
    /// Does nothing until another revision is live, or the process stops.
    async fn rest(&self, live: &Mutex<Checkpoint>, why: &str) {
        let stopped = live.lock().await.clone();
        let mut noted = false;
        while !self.is_stopped() {
            noted = noted || stopped.stop(why, self.database()).await.is_ok();
            self.sleep(self.shared.pace.poll).await;
            if live.lock().await.revision != stopped.revision {
                return;
            }
        }
    }
}
// ANCHOR_END: rest
