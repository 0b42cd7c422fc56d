//! What one can ask of an account.

use super::Settlement;
use super::{AccountId, Currency, Money, SealedName, SubjectId, TransferId};

// ANCHOR: command
/// A wish, which the account may refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the events")]
pub enum Command {
    /// Open the account.
    Open {
        subject: SubjectId,
        holder: SealedName,
        currency: Currency,
    },
    /// Pay money in.
    Deposit { amount: Money },
    /// Take money out.
    Withdraw { amount: Money },
    /// Send money to another account.
    SendTransfer {
        transfer: TransferId,
        to: AccountId,
        amount: Money,
        settlement: Settlement,
    },
    /// Take the money that another account has sent.
    ReceiveTransfer {
        transfer: TransferId,
        from: AccountId,
        amount: Money,
    },
    /// Note that a sent transfer has arrived.
    SettleTransfer { transfer: TransferId },
    /// Take a sent transfer back.
    RefundTransfer {
        transfer: TransferId,
        reason: String,
    },
    /// Close the account.
    Close,
}
// ANCHOR_END: command

impl Command {
    /// A name for telemetry, out of a small set.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open_account",
            Self::Deposit { .. } => "deposit_money",
            Self::Withdraw { .. } => "withdraw_money",
            Self::SendTransfer { .. } => "send_transfer",
            Self::ReceiveTransfer { .. } => "receive_transfer",
            Self::SettleTransfer { .. } => "settle_transfer",
            Self::RefundTransfer { .. } => "refund_transfer",
            Self::Close => "close_account",
        }
    }

    /// The transfer that this is about, if it is about one.
    pub fn transfer(&self) -> Option<TransferId> {
        match self {
            Self::SendTransfer { transfer, .. }
            | Self::ReceiveTransfer { transfer, .. }
            | Self::SettleTransfer { transfer }
            | Self::RefundTransfer { transfer, .. } => Some(*transfer),
            _ => None,
        }
    }
}
