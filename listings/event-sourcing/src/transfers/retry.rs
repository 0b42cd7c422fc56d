//! Tries transfers again that wait, beside the pages of the feed.

use std::{convert::Infallible, time::Duration};

use opentelemetry::{
    Context, KeyValue,
    context::FutureExt,
    trace::{Link, SpanContext, Status, TraceContextExt, Tracer},
};
use opentelemetry_semantic_conventions::attribute::ERROR_TYPE;
use sqlx::{Postgres, postgres::PgArguments, query::Query};
use tokio::time::sleep;

use super::{
    Busy, Held, Manager, NAME, Transfer, Transfers, Trouble, held::state,
};
use crate::{database::Statement, store::RecordedEvent};

/// Between two looks when nothing is due.
const POLL: Duration = Duration::from_millis(250);

// ANCHOR: due-statement
const DUE: Statement = Statement::several(
    "SELECT held_transfers",
    "SELECT e.tx_id, e.position, e.stream_id, e.version, e.event_id,
            e.event_type, e.schema_version, e.payload::text,
            e.metadata::text, e.recorded_at, e.prev_hash, e.hash
     FROM held_transfers h JOIN events e USING (stream_id, version)
     WHERE h.state = 'waiting' AND h.due_at <= clock_timestamp()
     ORDER BY h.due_at LIMIT 128",
);

/// Waits twice as long after each try, up to five seconds.
const POSTPONE: Statement = Statement::one(
    "UPDATE held_transfers",
    "UPDATE",
    "held_transfers",
    "UPDATE held_transfers
     SET state = $2, reason = $3, attempts = attempts + $4,
         due_at = clock_timestamp() + interval '1 second'
                  * least(5, 0.25 * 2 ^ least(attempts + $4, 10))
     WHERE event_id = $1 AND state = 'waiting'",
);

const ENDED: Statement = Statement::one(
    "DELETE held_transfers",
    "DELETE",
    "held_transfers",
    "DELETE FROM held_transfers WHERE event_id = $1",
);
// ANCHOR_END: due-statement

// ANCHOR: try-again
impl Manager {
    /// Looks for transfers that are due, for ever.
    pub(super) async fn try_again(&self) -> Infallible {
        loop {
            if let Err(error) = self.round().await {
                // The pages stand still, too, and wait longer and longer.
                tracing::warn!(
                    name: "projection.retry",
                    { es.projection.name = NAME, error.type = "database" },
                    "held transfers wait for the database: {error}"
                );
            }
            sleep(POLL).await;
        }
    }

    /// Tries each transfer that is due. Of those that need one busy account
    /// it tries the first, so the others cost no time.
    async fn round(&self) -> Result<(), sqlx::Error> {
        let busy = Busy::default();
        for event in self.transfers.due().await? {
            let transfer = Transfer::sent_by(&event).ok().flatten();
            if transfer.as_ref().is_some_and(|it| busy.has(it)) {
                self.transfers.postpone(&event).await?;
                continue;
            }
            self.retry(&event, &busy).await?;
            if let Some(transfer) = transfer.filter(|it| !busy.has(it)) {
                self.busy.remove(&transfer);
            }
        }
        Ok(())
    }
}
// ANCHOR_END: try-again

// ANCHOR: retry-span
impl Manager {
    /// In a trace of its own, linked to the span that sent the money.
    async fn retry(
        &self,
        event: &RecordedEvent,
        busy: &Busy,
    ) -> Result<(), sqlx::Error> {
        let context = self.transfers.start_retry(event);
        let trying = async {
            let tried = self.attempt(event, busy).await;
            if let Err(trouble) = &tried {
                let reason = KeyValue::new(ERROR_TYPE, trouble.reason());
                context.span().set_attribute(reason);
                context.span().set_status(Status::error(""));
            }
            self.transfers.note(event, tried).await
        };
        trying.with_context(context.clone()).await
    }
}

impl Transfers {
    fn start_retry(&self, event: &RecordedEvent) -> Context {
        let metadata = event.metadata().unwrap_or_default();
        let sent = Some(metadata.producer(&self.propagator));
        let sent = sent.filter(SpanContext::is_valid);
        let links = sent.map(|sent| Link::new(sent, Vec::new(), 0));
        let span = self
            .tracer
            .span_builder("retry transfer")
            .with_links(links.into_iter().collect());
        let root = Context::new();
        let span = self.tracer.build_with_context(span, &root);
        root.with_span(span)
    }
}
// ANCHOR_END: retry-span

impl Transfers {
    async fn due(&self) -> Result<Vec<RecordedEvent>, sqlx::Error> {
        let database = self.store.database();
        let query = sqlx::query_as(DUE.text).fetch_all(database.pool());
        // Most looks find nothing.
        let (due, _) = database.run_quietly(&DUE, query).await?;
        Ok(due)
    }

    /// Notes what has become of a transfer that was tried.
    async fn note(
        &self,
        event: &RecordedEvent,
        tried: Result<(), Trouble>,
    ) -> Result<(), sqlx::Error> {
        let database = self.store.database();
        let Err(trouble) = tried else {
            let query = sqlx::query(ENDED.text).bind(event.event_id);
            let ending = query.execute(database.pool());
            database.run(&ENDED, ending).await?;
            return Ok(());
        };
        let query = postponement(event, &trouble);
        let postponing = query.execute(database.pool());
        let noted = database.run(&POSTPONE, postponing).await?;
        if trouble.is_hopeless() && noted.rows_affected() == 1 {
            Held::new(event, trouble).tell();
        }
        Ok(())
    }

    /// Notes that a transfer was due and not tried.
    async fn postpone(&self, event: &RecordedEvent) -> Result<(), sqlx::Error> {
        let database = self.store.database();
        let query = postponement(event, &Trouble::BehindOthers);
        let postponing = query.execute(database.pool());
        database.run_quietly(&POSTPONE, postponing).await?;
        Ok(())
    }
}

fn postponement(
    event: &RecordedEvent,
    trouble: &Trouble,
) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(POSTPONE.text)
        .bind(event.event_id)
        .bind(state(trouble))
        .bind(trouble.reason())
        .bind(trouble.tries())
}
