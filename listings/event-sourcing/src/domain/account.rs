//! The state of an account, which is what its events add up to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AccountEvent, AccountId, Money, MoneyError, SealedName, Settlement,
    SubjectId, TransferId,
};

// ANCHOR: account
/// An account. A new one begins as `default()`, and only events change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Account {
    /// Nothing has happened yet.
    #[default]
    Unopened,
    /// In business.
    Open(OpenAccount),
    /// Out of business, for good.
    Closed,
}

/// An account in business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAccount {
    /// Whose account it is.
    pub subject: SubjectId,
    /// The owner's name, sealed.
    pub holder: SealedName,
    /// What is on it. Never negative.
    pub balance: Money,
    /// Eventual transfers on their way: to whom, and how much.
    pub in_transit: BTreeMap<TransferId, (AccountId, Money)>,
}
// ANCHOR_END: account

/// An event that cannot have happened to this account: the log is damaged,
/// or belongs to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImpossibleEvent {
    /// An account opens once, before anything else, and closes last.
    #[error("the event does not fit the account's life")]
    OutOfPlace,
    /// The event refers to a transfer that is not on its way, or not with
    /// this amount.
    #[error("the event names a transfer that is not on its way")]
    UnknownTransfer,
    /// The amounts do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

// ANCHOR: evolve
impl Account {
    /// The state after `event`. Pure: the same events give the same account,
    /// today and in ten years, without a clock, a database or a network.
    ///
    /// # Errors
    /// When the event cannot have happened to this account.
    pub fn evolve(self, event: &AccountEvent) -> Result<Self, ImpossibleEvent> {
        match (self, event) {
            (
                Self::Unopened,
                AccountEvent::Opened {
                    subject,
                    holder,
                    currency,
                },
            ) => Ok(Self::Open(OpenAccount {
                subject: *subject,
                holder: holder.clone(),
                balance: Money::zero(*currency),
                in_transit: BTreeMap::new(),
            })),
            (Self::Open(_), AccountEvent::Closed {}) => Ok(Self::Closed),
            (Self::Open(mut account), event) => {
                account.apply(event)?;
                Ok(Self::Open(account))
            }
            _ => Err(ImpossibleEvent::OutOfPlace),
        }
    }
}
// ANCHOR_END: evolve

// ANCHOR: apply
impl OpenAccount {
    fn apply(&mut self, event: &AccountEvent) -> Result<(), ImpossibleEvent> {
        use AccountEvent as E;
        match event {
            E::Deposited { amount } | E::TransferReceived { amount, .. } => {
                self.balance = self.balance.plus(*amount)?;
            }
            E::Withdrawn { amount } => {
                self.balance = self.balance.minus(*amount)?;
            }
            E::TransferSent {
                transfer,
                to,
                amount,
                settlement,
            } => {
                self.balance = self.balance.minus(*amount)?;
                if *settlement == Settlement::Eventual {
                    self.put_in_transit(*transfer, *to, *amount)?;
                }
            }
            E::TransferSettled { transfer } => {
                self.take_in_transit(*transfer)?;
            }
            E::TransferRefunded {
                transfer, amount, ..
            } => {
                if self.take_in_transit(*transfer)? != *amount {
                    return Err(ImpossibleEvent::UnknownTransfer);
                }
                self.balance = self.balance.plus(*amount)?;
            }
            E::Opened { .. } | E::Closed {} => {
                return Err(ImpossibleEvent::OutOfPlace);
            }
        }
        Ok(())
    }
}
// ANCHOR_END: apply

impl OpenAccount {
    fn put_in_transit(
        &mut self,
        transfer: TransferId,
        to: AccountId,
        amount: Money,
    ) -> Result<(), ImpossibleEvent> {
        match self.in_transit.insert(transfer, (to, amount)) {
            None => Ok(()),
            // The transfer of before would be forgotten, and its money lost.
            Some(_) => Err(ImpossibleEvent::OutOfPlace),
        }
    }

    fn take_in_transit(
        &mut self,
        transfer: TransferId,
    ) -> Result<Money, ImpossibleEvent> {
        self.in_transit
            .remove(&transfer)
            .map(|(_, amount)| amount)
            .ok_or(ImpossibleEvent::UnknownTransfer)
    }
}
