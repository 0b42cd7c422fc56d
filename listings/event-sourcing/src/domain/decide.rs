//! What an account makes of a command.

use super::{
    Account, AccountEvent, AccountId, Command, Money, MoneyError, OpenAccount,
    Settlement, TransferId,
};

// ANCHOR: rejection
/// Why an account refuses a command. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// The account was opened before.
    #[error("the account was opened before")]
    AlreadyOpen,
    /// The account is closed.
    #[error("the account is closed")]
    Closed,
    /// An amount is zero or less.
    #[error("an amount is greater than zero")]
    NotPositive,
    /// The money is not there.
    #[error("the balance does not cover the amount")]
    InsufficientFunds,
    /// The account is in another currency.
    #[error("the account is in another currency")]
    CurrencyMismatch,
    /// The balance would not fit into 64 bits.
    #[error("the balance would be too large")]
    Overflow,
    /// A transfer goes to another account.
    #[error("a transfer needs two accounts")]
    SameAccount,
    /// No such transfer is on its way.
    #[error("no such transfer is on its way")]
    NoSuchTransfer,
    /// An account is empty before it is closed.
    #[error("the account still holds money")]
    NotEmpty,
    /// A transfer is still on its way: it cannot be sent a second time, and
    /// its account cannot be closed.
    #[error("the transfer is still on its way")]
    TransferInTransit,
}
// ANCHOR_END: rejection

impl From<MoneyError> for Rejection {
    fn from(error: MoneyError) -> Self {
        match error {
            MoneyError::CurrencyMismatch => Self::CurrencyMismatch,
            MoneyError::Overflow => Self::Overflow,
        }
    }
}

// ANCHOR: decide
impl Account {
    /// The events that `command` leads to on account `id`. Pure, like
    /// [`Account::evolve`]: when another writer was faster, decide again.
    ///
    /// # Errors
    /// When the rules of the bank forbid it.
    pub fn decide(
        &self,
        id: AccountId,
        command: Command,
    ) -> Result<Vec<AccountEvent>, Rejection> {
        let event = match (self, command) {
            (
                Self::Unopened,
                Command::Open {
                    subject,
                    holder,
                    currency,
                },
            ) => AccountEvent::Opened {
                subject,
                holder,
                currency,
            },
            (Self::Unopened, _) => return Err(Rejection::NoSuchAccount),
            (_, Command::Open { .. }) => return Err(Rejection::AlreadyOpen),
            (Self::Closed, _) => return Err(Rejection::Closed),
            (Self::Open(account), command) => account.decide(id, command)?,
        };
        Ok(vec![event])
    }
}
// ANCHOR_END: decide

// ANCHOR: decide-open
impl OpenAccount {
    fn decide(
        &self,
        id: AccountId,
        command: Command,
    ) -> Result<AccountEvent, Rejection> {
        use {AccountEvent as E, Command as C};
        Ok(match command {
            C::Deposit { amount } => {
                self.credit(amount)?;
                E::Deposited { amount }
            }
            C::Withdraw { amount } => {
                self.debit(amount)?;
                E::Withdrawn { amount }
            }
            C::SendTransfer {
                transfer,
                to,
                amount,
                settlement,
            } => self.send(id, transfer, to, amount, settlement)?,
            C::ReceiveTransfer {
                transfer,
                from,
                amount,
            } => self.receive(transfer, from, amount)?,
            C::SettleTransfer { transfer } => {
                self.sent(transfer)?;
                E::TransferSettled { transfer }
            }
            C::RefundTransfer { transfer, reason } => {
                self.refund(transfer, reason)?
            }
            C::Close => self.close()?,
            C::Open { .. } => return Err(Rejection::AlreadyOpen),
        })
    }
}
// ANCHOR_END: decide-open

// ANCHOR: rules
impl OpenAccount {
    /// The balance after money came in. Money on its way may come back, so
    /// the balance must have room for it.
    fn credit(&self, amount: Money) -> Result<Money, Rejection> {
        let mut most = self.balance.plus(positive(amount)?)?;
        for (_, sent) in self.in_transit.values() {
            most = most.plus(*sent)?;
        }
        Ok(most)
    }

    /// The balance after money went out.
    fn debit(&self, amount: Money) -> Result<Money, Rejection> {
        let balance = self.balance.minus(positive(amount)?)?;
        match balance.minor {
            ..0 => Err(Rejection::InsufficientFunds),
            _ => Ok(balance),
        }
    }

    fn sent(&self, transfer: TransferId) -> Result<Money, Rejection> {
        let sent = self.in_transit.get(&transfer);
        sent.map(|(_, amount)| *amount)
            .ok_or(Rejection::NoSuchTransfer)
    }

    fn close(&self) -> Result<AccountEvent, Rejection> {
        if !self.in_transit.is_empty() {
            return Err(Rejection::TransferInTransit);
        }
        match self.balance.minor {
            0 => Ok(AccountEvent::Closed {}),
            _ => Err(Rejection::NotEmpty),
        }
    }
}
// ANCHOR_END: rules

impl OpenAccount {
    fn send(
        &self,
        id: AccountId,
        transfer: TransferId,
        to: AccountId,
        amount: Money,
        settlement: Settlement,
    ) -> Result<AccountEvent, Rejection> {
        if to == id {
            return Err(Rejection::SameAccount);
        }
        if self.in_transit.contains_key(&transfer) {
            return Err(Rejection::TransferInTransit);
        }
        self.debit(amount)?;
        Ok(AccountEvent::TransferSent {
            transfer,
            to,
            amount,
            settlement,
        })
    }
}

impl OpenAccount {
    fn receive(
        &self,
        transfer: TransferId,
        from: AccountId,
        amount: Money,
    ) -> Result<AccountEvent, Rejection> {
        self.credit(amount)?;
        Ok(AccountEvent::TransferReceived {
            transfer,
            from,
            amount,
        })
    }

    fn refund(
        &self,
        transfer: TransferId,
        reason: String,
    ) -> Result<AccountEvent, Rejection> {
        Ok(AccountEvent::TransferRefunded {
            transfer,
            amount: self.sent(transfer)?,
            reason,
        })
    }
}

fn positive(amount: Money) -> Result<Money, Rejection> {
    match amount.minor {
        1.. => Ok(amount),
        _ => Err(Rejection::NotPositive),
    }
}
