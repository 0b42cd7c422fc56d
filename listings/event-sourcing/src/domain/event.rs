//! What can happen to an account.

use serde::{Deserialize, Serialize};

use super::{AccountId, Currency, Money, SealedName, SubjectId, TransferId};

// ANCHOR: account-event
/// Something that has happened to an account. It is in the past tense,
/// because nobody can refuse it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountEvent {
    /// The account exists from now on.
    #[serde(rename = "AccountOpened")]
    Opened {
        /// Whose account it is.
        subject: SubjectId,
        /// The owner's name, which only the owner's key can open.
        holder: SealedName,
        /// The one currency of the account.
        currency: Currency,
    },
    /// Money came in over the counter.
    #[serde(rename = "MoneyDeposited")]
    Deposited {
        /// How much.
        amount: Money,
    },
    /// Money went out over the counter.
    #[serde(rename = "MoneyWithdrawn")]
    Withdrawn {
        /// How much.
        amount: Money,
    },
    /// Money left for another account.
    TransferSent {
        /// The transfer that this belongs to.
        transfer: TransferId,
        /// The account that gets the money.
        to: AccountId,
        /// How much.
        amount: Money,
        /// Who sees to the other half.
        settlement: Settlement,
    },
    /// Money came from another account.
    TransferReceived {
        /// The transfer that this belongs to.
        transfer: TransferId,
        /// The account that sent the money.
        from: AccountId,
        /// How much.
        amount: Money,
    },
    /// The other account has got the money of an eventual transfer.
    TransferSettled {
        /// The transfer that this belongs to.
        transfer: TransferId,
    },
    /// The other account could not take the money, so it is back.
    TransferRefunded {
        /// The transfer that this belongs to.
        transfer: TransferId,
        /// How much came back.
        amount: Money,
        /// Why the other account did not take it.
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
