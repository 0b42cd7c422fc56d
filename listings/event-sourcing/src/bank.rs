//! Carries commands out: load, decide, append, and again if somebody else was
//! faster.

mod attempt;
mod order;
mod replay;
mod turns;

// ANCHOR: imports
use std::{sync::Arc, time::Instant};

use tracing::{Instrument, Span, field::Empty};

use crate::{
    accounts::Accounts,
    instruments::Instruments,
    store::{AppendError, EventStore, STREAM_TYPE},
};
pub use order::{Key, Order, Receipt, Refusal, Reply, RequestKey};
use turns::{Turns, backoff};
// ANCHOR_END: imports

/// How often a command is decided before its writer gives up.
pub const MOST_ATTEMPTS: u32 = 5;

/// Carries commands out on accounts.
#[derive(Clone, Debug)]
pub struct Bank {
    store: EventStore,
    accounts: Accounts,
    instruments: Arc<Instruments>,
    turns: Arc<Turns>,
}

impl Bank {
    /// A bank with these `accounts`, which are in `store`.
    pub fn new(
        store: EventStore,
        accounts: Accounts,
        instruments: Arc<Instruments>,
    ) -> Self {
        Self {
            store,
            accounts,
            instruments,
            turns: Arc::default(),
        }
    }
}

// ANCHOR: execute
impl Bank {
    /// Carries `order` out, once, however often it is asked to.
    ///
    /// # Errors
    /// When the account or the client's own conditions refuse it, when others
    /// keep being faster, or when the database fails.
    pub async fn execute(&self, order: &Order) -> Result<Reply, Refusal> {
        let command = order.command.name();
        let span = tracing::info_span!(
            "handle",
            otel.name = format!("handle {command}"),
            otel.status_code = Empty,
            error.type = Empty,
            es.command.type = command,
            es.command.id = %order.cause.command_id,
            es.stream.type = STREAM_TYPE,
            es.stream.version.before = Empty,
            es.stream.version.after = Empty,
            es.events.count = Empty,
            es.attempts = Empty,
            es.idempotency = Empty,
            es.outcome = Empty,
        );
        let started = Instant::now();
        let executing = async {
            let mut attempts = 0;
            let result = self.until_done(order, &mut attempts).await;
            let outcome = note(&result, attempts);
            self.instruments.command_done(
                command,
                outcome,
                attempts,
                started.elapsed(),
            );
            result
        };
        executing.instrument(span).await
    }
}
// ANCHOR_END: execute

// ANCHOR: until-done
impl Bank {
    async fn until_done(
        &self,
        order: &Order,
        attempts: &mut u32,
    ) -> Result<Reply, Refusal> {
        // The first attempt trusts its luck, unless others already queue.
        let mut turn = self.turns.join(order.account).await;
        loop {
            *attempts += 1;
            match self.attempt(order).await {
                // It may have been about the other account of a transfer, so
                // an If-Match may still hold. The next attempt looks first.
                Err(Refusal::Store(AppendError::Conflict { .. })) => {}
                Err(Refusal::Store(AppendError::KeyUsed)) => {
                    return self.replay(order).await;
                }
                result => return result,
            }
            if *attempts == MOST_ATTEMPTS {
                return Err(Refusal::Contended);
            }
            tracing::info!(
                name: "es.retry",
                { es.attempts = i64::from(*attempts) },
                "somebody else was faster: deciding again"
            );
            match turn {
                None => turn = Some(self.turns.wait(order.account).await),
                // Another process, or somebody from before the line.
                Some(_) => tokio::time::sleep(backoff(*attempts)).await,
            }
        }
    }
}
// ANCHOR_END: until-done

/// Says on the span how it went, and returns that word for the metric.
fn note(result: &Result<Reply, Refusal>, attempts: u32) -> &'static str {
    let span = Span::current();
    span.record("es.attempts", i64::from(attempts));
    let outcome = match result {
        Ok(reply) => {
            let idempotency = match reply.replayed {
                true => "replayed",
                false => "new",
            };
            span.record("es.idempotency", idempotency);
            span.record("es.stream.version.after", reply.version);
            "ok"
        }
        Err(refusal) => refusal.outcome(),
    };
    if let Err(refusal) = result
        && outcome == "error"
    {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", refusal.kind());
        tracing::error!(name: "command.failed", "{}", refusal.cause());
    }
    span.record("es.outcome", outcome);
    outcome
}
