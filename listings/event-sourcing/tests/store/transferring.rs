//! What tests of eventual transfers have in common.

use event_sourcing::domain::{
    AccountEvent, AccountId, Command, Currency, Money, SealedName, Settlement,
    SubjectId, TransferId,
};

use crate::{
    following::caught_up,
    harness::{Bank, euros},
};

/// An account in `currency` with so much on it.
pub(crate) async fn account(
    bank: &Bank,
    currency: Currency,
    minor: i64,
) -> AccountId {
    let account = AccountId::random();
    open(bank, account, currency).await;
    if minor > 0 {
        let amount = Money { minor, currency };
        let deposit = Command::Deposit { amount };
        bank.execute(account, deposit).await.unwrap();
    }
    account
}

pub(crate) async fn open(bank: &Bank, account: AccountId, currency: Currency) {
    let open = Command::Open {
        subject: SubjectId::random(),
        holder: SealedName("c2VhbGVk".to_owned()),
        currency,
    };
    bank.execute(account, open).await.unwrap();
}

pub(crate) async fn send(
    bank: &Bank,
    from: AccountId,
    to: AccountId,
    minor: i64,
) -> TransferId {
    let transfer = TransferId::random();
    let send = Command::SendTransfer {
        transfer,
        to,
        amount: euros(minor),
        settlement: Settlement::Eventual,
    };
    bank.execute(from, send).await.unwrap();
    transfer
}

/// The events of an account, without its opening and deposits.
pub(crate) async fn story(
    bank: &Bank,
    account: AccountId,
) -> Vec<AccountEvent> {
    let events = bank.events(account.0).await;
    let events = events
        .iter()
        .map(|it| event_sourcing::codec::decode(it).unwrap());
    events
        .filter(|it| {
            !matches!(
                it,
                AccountEvent::Opened { .. } | AccountEvent::Deposited { .. }
            )
        })
        .collect()
}

/// Lets the process manager see everything that there is.
pub(crate) async fn manage(bank: &Bank) {
    let running = bank.services.projections.spawn();
    caught_up(bank, "transfers").await;
    // Its own commands are events, too.
    caught_up(bank, "balances").await;
    running.stop().await;
}
