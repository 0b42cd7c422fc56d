//! What can happen to an account.

use serde::{Deserialize, Serialize};

use super::{AccountId, Currency, Money, SealedName, SubjectId, TransferId};

/// Something that has happened to an account. It is in the past tense,
/// because nobody can refuse it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are named for what they are")]
// ANCHOR: account-event
pub enum AccountEvent {
    /// The account exists from now on. Only its owner's key opens the name.
    #[serde(rename = "AccountOpened")]
    Opened {
        subject: SubjectId,
        holder: SealedName,
        currency: Currency,
    },
    /// Money came in over the counter.
    #[serde(rename = "MoneyDeposited")]
    Deposited { amount: Money },
    /// Money went out over the counter.
    #[serde(rename = "MoneyWithdrawn")]
    Withdrawn { amount: Money },
    /// Money left for another account.
    TransferSent {
        transfer: TransferId,
        to: AccountId,
        amount: Money,
        settlement: Settlement,
    },
    /// Money came from another account.
    TransferReceived {
        transfer: TransferId,
        from: AccountId,
        amount: Money,
    },
    /// The money of an eventual transfer has arrived.
    TransferSettled { transfer: TransferId },
    /// The other account could not take the money, so it is back.
    TransferRefunded {
        transfer: TransferId,
        amount: Money,
        reason: String,
    },
    /// No more business on this account.
    #[serde(rename = "AccountClosed")]
    Closed {},
}
// ANCHOR_END: account-event

/// How the two halves of a transfer come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// Both accounts in one transaction: all or nothing, at once.
    Immediate,
    /// A process manager brings the money over, or back.
    Eventual,
}

impl AccountEvent {
    /// The name under which events like this one are stored, for ever.
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "AccountOpened",
            Self::Deposited { .. } => "MoneyDeposited",
            Self::Withdrawn { .. } => "MoneyWithdrawn",
            Self::TransferSent { .. } => "TransferSent",
            Self::TransferReceived { .. } => "TransferReceived",
            Self::TransferSettled { .. } => "TransferSettled",
            Self::TransferRefunded { .. } => "TransferRefunded",
            Self::Closed {} => "AccountClosed",
        }
    }
}
