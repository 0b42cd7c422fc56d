//! Brings eventual transfers to their end: the process manager.
//!
//! The two accounts may be in two places that share no transaction. Money is
//! on its way from the moment it is sent; it arrives, or it comes back.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    accounts::LoadError,
    bank::{Bank, Order, Refusal, Reply, RequestKey},
    codec,
    domain::{
        AccountEvent, AccountId, Command, Money, Rejection, Settlement,
        TransferId,
    },
    projections::{Halt, IMPOSSIBLE, Subscriber, UNREADABLE},
    store::{AppendError, Cause, RecordedEvent},
};

/// The name of the process manager: of its checkpoint, and as an actor.
const NAME: &str = "transfers";

/// Brings transfers to their end.
#[derive(Clone, Debug)]
pub struct Transfers {
    bank: Bank,
}

/// A transfer on its way.
struct Transfer {
    id: TransferId,
    from: AccountId,
    to: AccountId,
    amount: Money,
    /// The event that sent it.
    sent: Uuid,
    /// What it all began with.
    story: Uuid,
}

// ANCHOR: transfers-subscriber
impl Subscriber for Transfers {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn react(&self, page: &[RecordedEvent]) -> Result<(), Halt> {
        for (at, event) in page.iter().enumerate() {
            let read = Transfer::sent_by(event);
            let read = read.map_err(|reason| Halt::Poison { at, reason })?;
            if let Some(transfer) = read {
                let end = self.bring_to_its_end(&transfer).await;
                end.map_err(|refusal| halt(at, refusal))?;
            }
        }
        Ok(())
    }
}
// ANCHOR_END: transfers-subscriber

// ANCHOR: bring-to-its-end
impl Transfers {
    /// Lets the money arrive or brings it back, never both: the two commands
    /// have one key, and a key is used once. So it does not matter how often
    /// this is called, nor that a process which has lost its lock may still
    /// be at it.
    async fn bring_to_its_end(
        &self,
        transfer: &Transfer,
    ) -> Result<(), Refusal> {
        let receive = transfer.order("end", transfer.to, transfer.receive());
        let reply = match self.bank.execute(&receive).await {
            Err(Refusal::Rejected(reason)) => {
                let refund = transfer.refund(reason);
                let refund = transfer.order("end", transfer.from, refund);
                self.bank.execute(&refund).await?
            }
            reply => reply?,
        };
        if has_arrived(&reply, transfer) {
            let settle = Command::SettleTransfer {
                transfer: transfer.id,
            };
            let settle = transfer.order("settle", transfer.from, settle);
            self.bank.execute(&settle).await?;
        }
        Ok(())
    }
}

/// Which of the two commands has used the key: the answer tells, the one
/// that was given now or the one that was kept.
fn has_arrived(reply: &Reply, transfer: &Transfer) -> bool {
    reply.account == transfer.to
}
// ANCHOR_END: bring-to-its-end

impl Transfers {
    /// A process manager that gives orders to `bank`.
    pub fn new(bank: Bank) -> Self {
        Self { bank }
    }
}

// ANCHOR: transfer-order
impl Transfer {
    /// The order for a step. Its key and its id follow from the transfer, so
    /// that it is the same order whenever and wherever it is given.
    fn order(&self, step: &str, account: AccountId, command: Command) -> Order {
        let key = Uuid::new_v5(&self.id.0, step.as_bytes());
        let request_hash = Sha256::digest(key).into();
        Order {
            account,
            command,
            cause: Cause {
                command_id: key,
                causation_id: self.sent,
                correlation_id: self.story,
                actor: NAME,
            },
            key: Some(RequestKey { key, request_hash }),
            if_match: None,
            status: 200,
        }
    }
}
// ANCHOR_END: transfer-order

impl Transfer {
    /// The transfer that an event has sent on its way, if it has.
    fn sent_by(event: &RecordedEvent) -> Result<Option<Self>, &'static str> {
        let what = codec::decode(event).map_err(|_| UNREADABLE)?;
        let AccountEvent::TransferSent {
            transfer,
            to,
            amount,
            settlement: Settlement::Eventual,
        } = what
        else {
            return Ok(None);
        };
        let metadata = event.metadata().map_err(|_| UNREADABLE)?;
        Ok(Some(Self {
            id: transfer,
            from: AccountId(event.stream_id),
            to,
            amount,
            sent: event.event_id,
            story: metadata.correlation_id,
        }))
    }

    fn receive(&self) -> Command {
        Command::ReceiveTransfer {
            transfer: self.id,
            from: self.from,
            amount: self.amount,
        }
    }

    fn refund(&self, reason: Rejection) -> Command {
        Command::RefundTransfer {
            transfer: self.id,
            reason: code(reason).to_owned(),
        }
    }
}

/// The name under which a rejection is kept in the log, for ever.
fn code(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::NoSuchAccount => "no_such_account",
        Rejection::Closed => "account_closed",
        Rejection::CurrencyMismatch => "currency_mismatch",
        Rejection::Overflow => "balance_too_large",
        _ => "refused",
    }
}

// ANCHOR: transfers-halt
/// What an order that was not carried out means for the events behind it.
fn halt(at: usize, refusal: Refusal) -> Halt {
    let reason = match &refusal {
        // Money that was sent can be settled or come back, or the log lies.
        Refusal::Rejected(_) | Refusal::CounterpartyRejected(_) => IMPOSSIBLE,
        Refusal::Changed { .. }
        | Refusal::Contended
        | Refusal::Load(LoadError::Database(_))
        | Refusal::Store(
            AppendError::Conflict { .. }
            | AppendError::KeyUsed
            | AppendError::KeyInUse
            | AppendError::Database(_),
        ) => {
            return Halt::Later {
                at,
                reason: refusal.kind(),
                source: Box::new(refusal),
            };
        }
        Refusal::KeyReused | Refusal::Load(_) | Refusal::Store(_) => {
            refusal.kind()
        }
    };
    Halt::Poison { at, reason }
}
// ANCHOR_END: transfers-halt
