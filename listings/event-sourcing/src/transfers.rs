//! Brings eventual transfers to their end: the process manager.
//!
//! The two accounts may be in two places that share no transaction. Money is
//! on its way from the moment it is sent; it arrives, or it comes back. What
//! cannot be brought to its end now is held, and the others go on.

mod busy;
mod held;
mod order;
mod retry;
mod trouble;

// ANCHOR: imports
use std::{convert::Infallible, time::Duration};

use opentelemetry_sdk::trace::SdkTracer;
use sqlx::PgConnection;
use telemetry::{Propagator, Telemetry};
use tokio::{sync::Mutex, time::timeout};

use crate::{
    bank::{Bank, Order, Refusal, Reply},
    domain::Rejection,
    projections::{Halt, IMPOSSIBLE, Subscriber},
    store::{EventStore, RecordedEvent},
};
use busy::Busy;
use held::Held;
pub use held::HeldTransfer;
use order::Transfer;
use trouble::Trouble;
// ANCHOR_END: imports

/// The name of the process manager: of its checkpoint, and as an actor, by
/// which the database knows its events. See the table `completed_orders`.
const NAME: &str = "transfers";

/// How long an order may take until the transfers behind it go first.
const PATIENCE: Duration = Duration::from_secs(5);

/// Brings transfers to their end. A clone is another handle to the same.
#[derive(Clone, Debug)]
pub struct Transfers {
    store: EventStore,
    bank: Bank,
    tracer: SdkTracer,
    propagator: Propagator,
}

impl Transfers {
    /// Transfers of the events in `store`, with orders to `bank`.
    pub fn new(telemetry: &Telemetry, store: EventStore, bank: Bank) -> Self {
        Self {
            store,
            bank,
            tracer: telemetry.tracer("event_sourcing.transfers"),
            propagator: telemetry.propagator().clone(),
        }
    }

    /// The subscriber that gives the orders.
    pub fn manager(&self) -> Manager {
        Manager {
            transfers: self.clone(),
            held: Mutex::default(),
            busy: Busy::default(),
        }
    }
}

// ANCHOR: manager
/// The process manager.
#[derive(Debug)]
pub struct Manager {
    transfers: Transfers,
    /// What of the page at hand did not come to its end.
    held: Mutex<Vec<Held>>,
    /// Accounts that are left to those who try again.
    busy: Busy,
}
// ANCHOR_END: manager

// ANCHOR: manager-subscriber
impl Subscriber for Manager {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn react(&self, page: &[RecordedEvent]) -> Result<(), Halt> {
        let mut held = self.held.lock().await;
        held.clear();
        for (at, event) in page.iter().enumerate() {
            if let Err(trouble) = self.attempt(event, &self.busy).await {
                held.push(Held::new(event, trouble.or_halt(at)?));
            }
        }
        Ok(())
    }

    /// With the checkpoint: an event that is passed has ended or is held.
    async fn project(
        &self,
        page: &[RecordedEvent],
        _: i32,
        transaction: &mut PgConnection,
    ) -> Result<(), Halt> {
        let held = self.held.lock().await;
        self.transfers.hold(&held, page, transaction).await?;
        Ok(())
    }

    async fn beside(&self) -> Infallible {
        self.try_again().await
    }
}
// ANCHOR_END: manager-subscriber

impl Manager {
    /// Does what an event asks for, unless it is about an account that others
    /// are waiting for already.
    async fn attempt(
        &self,
        event: &RecordedEvent,
        busy: &Busy,
    ) -> Result<(), Trouble> {
        let Some(transfer) = Transfer::sent_by(event)? else {
            return Ok(());
        };
        if busy.has(&transfer) {
            return Err(Trouble::BehindOthers);
        }
        let end = self.transfers.bring_to_its_end(&transfer).await;
        if let Err(Trouble::Waits { account, .. }) = &end {
            self.busy.insert(*account);
            busy.insert(*account);
        }
        end
    }
}

// ANCHOR: bring-to-its-end
impl Transfers {
    /// Lets the money arrive or brings it back, never both: the two orders
    /// have one id, and the database completes one order with this id. So it
    /// does not matter how often this is called, when, nor that a process
    /// which has lost its lock may still be at it.
    async fn bring_to_its_end(
        &self,
        transfer: &Transfer,
    ) -> Result<(), Trouble> {
        let receive = transfer.order("end", transfer.to, transfer.receive());
        let reply = match self.give(&receive).await? {
            Ok(reply) => reply,
            Err(reason) => {
                let refund = transfer.refund(reason);
                let refund = transfer.order("end", transfer.from, refund);
                accepted(self.give(&refund).await?)?
            }
        };
        if has_arrived(&reply, transfer) {
            let settle = transfer.settle();
            let settle = transfer.order("settle", transfer.from, settle);
            accepted(self.give(&settle).await?)?;
        }
        Ok(())
    }
}

/// Which of the two orders was completed: the answer tells, the one that was
/// given now or the one that the log has kept.
fn has_arrived(reply: &Reply, transfer: &Transfer) -> bool {
    reply.account == transfer.to
}

/// Money that was sent can be settled or come back, or the log lies.
fn accepted(answer: Result<Reply, Rejection>) -> Result<Reply, Trouble> {
    answer.map_err(|_| Trouble::Hopeless { reason: IMPOSSIBLE })
}
// ANCHOR_END: bring-to-its-end

impl Transfers {
    /// Gives an order, which the account may refuse.
    async fn give(
        &self,
        order: &Order,
    ) -> Result<Result<Reply, Rejection>, Trouble> {
        match timeout(PATIENCE, self.bank.execute(order)).await {
            Ok(Ok(reply)) => Ok(Ok(reply)),
            Ok(Err(Refusal::Rejected(reason))) => Ok(Err(reason)),
            Ok(Err(refusal)) => Err(Trouble::of(refusal, order.account)),
            Err(_) => Err(Trouble::Waits {
                reason: "timeout",
                account: order.account,
            }),
        }
    }
}
