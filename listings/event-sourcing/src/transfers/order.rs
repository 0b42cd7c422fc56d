//! Transfers as their events tell of them, and the orders that end them.

use uuid::Uuid;

use super::{
    NAME,
    trouble::{Trouble, UNREAD},
};
use crate::{
    bank::{Key, Order},
    codec,
    domain::{
        AccountEvent, AccountId, Command, Money, Rejection, Settlement,
        TransferId,
    },
    store::{Cause, RecordedEvent},
};

/// A transfer on its way.
pub(super) struct Transfer {
    pub(super) id: TransferId,
    pub(super) from: AccountId,
    pub(super) to: AccountId,
    amount: Money,
    /// The event that sent it.
    sent: Uuid,
    /// What it all began with.
    story: Uuid,
}

// ANCHOR: transfer-order
impl Transfer {
    /// The order for a step. Its id follows from the transfer, so that it is
    /// the same order whenever and wherever it is given.
    pub(super) fn order(
        &self,
        step: &str,
        account: AccountId,
        command: Command,
    ) -> Order {
        Order {
            account,
            command,
            cause: Cause {
                command_id: Uuid::new_v5(&self.id.0, step.as_bytes()),
                causation_id: self.sent,
                correlation_id: self.story,
                actor: NAME,
            },
            key: Some(Key::Command),
            if_match: None,
            status: 200,
        }
    }
}
// ANCHOR_END: transfer-order

// ANCHOR: sent-by
impl Transfer {
    /// The transfer that an event has sent on its way, if it has. A type that
    /// this program does not know may be one that sends money, too.
    pub(super) fn sent_by(
        event: &RecordedEvent,
    ) -> Result<Option<Self>, Trouble> {
        match codec::current_version(&event.event_type) {
            Some(_) if event.event_type != "TransferSent" => return Ok(None),
            Some(_) => {}
            None => return Err(UNREAD),
        }
        let what = codec::decode(event).map_err(|_| UNREAD)?;
        let AccountEvent::TransferSent {
            transfer,
            to,
            amount,
            settlement: Settlement::Eventual,
        } = what
        else {
            return Ok(None);
        };
        let metadata = event.metadata().map_err(|_| UNREAD)?;
        Ok(Some(Self {
            id: transfer,
            from: AccountId(event.stream_id),
            to,
            amount,
            sent: event.event_id,
            story: metadata.correlation_id,
        }))
    }
}
// ANCHOR_END: sent-by

impl Transfer {
    pub(super) fn receive(&self) -> Command {
        Command::ReceiveTransfer {
            transfer: self.id,
            from: self.from,
            amount: self.amount,
        }
    }

    pub(super) fn refund(&self, reason: Rejection) -> Command {
        Command::RefundTransfer {
            transfer: self.id,
            reason: code(reason).to_owned(),
        }
    }

    pub(super) fn settle(&self) -> Command {
        Command::SettleTransfer { transfer: self.id }
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
