//! The event store of the book beside two libraries that do the same, with
//! one and the same domain on top: the accounts of the listing.

pub mod mire_bank;
pub mod our_bank;
pub mod postgres_es_bank;
pub mod raw;

use event_sourcing::domain::{
    Account, AccountEvent, AccountId, Command, Currency, ImpossibleEvent,
    Money, Rejection, SealedName, SubjectId,
};

/// Someone who carries commands out.
pub trait Contender: Send + Sync + 'static {
    /// Opens an account.
    fn open(&self, account: AccountId) -> impl Future<Output = ()> + Send;

    /// Loads the whole stream of an account, decides on `deposits` deposits
    /// of one cent and appends them all, or nothing. Whether it did: another
    /// writer may have been faster.
    fn deposit(
        &self,
        account: AccountId,
        deposits: usize,
    ) -> impl Future<Output = bool> + Send;

    /// What is on an account, in cents.
    fn balance(&self, account: AccountId) -> impl Future<Output = i64> + Send;
}

/// What an account is asked.
#[derive(Clone, Debug)]
pub enum Wish {
    /// To open.
    Open,
    /// To take so many cents, one at a time.
    Deposit(usize),
}

/// Why an account does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The rules are against it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The rules make no sense.
    #[error(transparent)]
    Impossible(#[from] ImpossibleEvent),
}

/// The events that the wish leads to, one for each deposit.
pub fn decide(
    account: &Account,
    id: AccountId,
    wish: &Wish,
) -> Result<Vec<AccountEvent>, Refused> {
    let commands = match wish {
        Wish::Open => vec![Command::Open {
            subject: SubjectId::random(),
            holder: SealedName("c2VhbGVkIGhvbGRlcg==".to_owned()),
            currency: Currency::EUR,
        }],
        Wish::Deposit(count) => {
            vec![Command::Deposit { amount: cent() }; *count]
        }
    };
    let mut account = account.clone();
    let mut events = Vec::new();
    for command in commands {
        for event in account.decide(id, command)? {
            account = account.evolve(&event)?;
            events.push(event);
        }
    }
    Ok(events)
}

fn cent() -> Money {
    Money {
        minor: 1,
        currency: Currency::EUR,
    }
}

/// What is on the account; nothing on one that is not open.
pub fn cents(account: &Account) -> i64 {
    match account {
        Account::Open(open) => open.balance.minor,
        Account::Unopened | Account::Closed => 0,
    }
}
