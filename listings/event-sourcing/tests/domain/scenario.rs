//! Given these events, when that is asked, then this happens.

use event_sourcing::domain::{
    Account, AccountEvent, AccountId, Command, Currency, Money, Rejection,
    SealedName, Settlement, SubjectId, TransferId,
};
use uuid::Uuid;

// ANCHOR: scenario
/// What has happened to an account so far.
pub(crate) struct Given(Account);

/// Begins a scenario: these events have happened.
pub(crate) fn given(events: &[AccountEvent]) -> Given {
    let fold = |account: Account, event| account.evolve(event).unwrap();
    Given(events.iter().fold(Account::default(), fold))
}

impl Given {
    /// Asks for something, and returns what comes of it.
    pub(crate) fn when(&self, command: Command) -> Then {
        Then(self.0.decide(ME, command))
    }
}

/// What has come of a command.
pub(crate) struct Then(Result<Vec<AccountEvent>, Rejection>);

impl Then {
    /// It led to this event.
    #[track_caller]
    pub(crate) fn then(self, event: AccountEvent) {
        assert_eq!(self.0, Ok(vec![event]));
    }

    /// It was refused for this reason.
    #[track_caller]
    pub(crate) fn then_refused(self, rejection: Rejection) {
        assert_eq!(self.0, Err(rejection));
    }
}
// ANCHOR_END: scenario

/// The account that the scenarios are about.
pub(crate) const ME: AccountId = AccountId(Uuid::from_u128(1));
/// Another account.
pub(crate) const OTHER: AccountId = AccountId(Uuid::from_u128(2));

/// Some transfer.
pub(crate) fn transfer(number: u128) -> TransferId {
    TransferId(Uuid::from_u128(number))
}

/// Euros, in cents.
pub(crate) fn eur(minor: i64) -> Money {
    Money {
        minor,
        currency: Currency::EUR,
    }
}

/// Dollars, in cents.
pub(crate) fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: "USD".parse().unwrap(),
    }
}

pub(crate) fn opened() -> AccountEvent {
    AccountEvent::Opened {
        subject: SubjectId(Uuid::from_u128(3)),
        holder: SealedName("c2VhbGVk".to_owned()),
        currency: Currency::EUR,
    }
}

pub(crate) fn deposited(amount: Money) -> AccountEvent {
    AccountEvent::Deposited { amount }
}

pub(crate) fn withdrawn(amount: Money) -> AccountEvent {
    AccountEvent::Withdrawn { amount }
}

/// An eventual transfer left.
pub(crate) fn sent(number: u128, amount: Money) -> AccountEvent {
    AccountEvent::TransferSent {
        transfer: transfer(number),
        to: OTHER,
        amount,
        settlement: Settlement::Eventual,
    }
}

pub(crate) fn received(number: u128, amount: Money) -> AccountEvent {
    AccountEvent::TransferReceived {
        transfer: transfer(number),
        from: OTHER,
        amount,
    }
}

pub(crate) fn settled(number: u128) -> AccountEvent {
    AccountEvent::TransferSettled {
        transfer: transfer(number),
    }
}

pub(crate) fn refunded(number: u128, amount: Money) -> AccountEvent {
    AccountEvent::TransferRefunded {
        transfer: transfer(number),
        amount,
        reason: "closed".to_owned(),
    }
}

pub(crate) fn closed() -> AccountEvent {
    AccountEvent::Closed {}
}
