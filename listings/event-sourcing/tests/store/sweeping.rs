//! Whatever is swept, no money is made: what a key of a client remembers is
//! not what keeps a transfer from happening twice.

use event_sourcing::{
    domain::{
        Account, AccountEvent, AccountId, Command, Currency, Settlement,
        TransferId,
    },
    store::RecordedEvent,
};
use sqlx::{Connection, PgConnection};

use crate::{
    harness::{Bank, balance, connect, euros, number, run, services, until},
    transferring::{
        OBSTACLE, account, forget_checkpoint, manage, open, opened, send,
        story, two_accounts,
    },
};

/// What production.md lets an operator delete, and more: all of it at once.
async fn sweep(owner: &mut PgConnection) {
    run(owner, "DELETE FROM idempotency_keys").await;
}

/// All events of these accounts. Not the feed, which hides new ones as long
/// as another test has a transaction open.
pub(crate) async fn log(
    bank: &Bank,
    accounts: &[AccountId],
) -> Vec<RecordedEvent> {
    let mut log = Vec::new();
    for account in accounts {
        log.extend(bank.events(account.0).await);
    }
    log
}

/// Sweeps, and delivers everything again.
async fn sweep_and_deliver_again(bank: &Bank) {
    let mut owner = connect(&bank.url).await;
    sweep(&mut owner).await;
    forget_checkpoint(bank).await;
    manage(bank).await;
}

// ANCHOR: swept
#[tokio::test]
async fn after_a_sweep_nothing_arrives_twice() {
    let bank = Bank::new().await;
    let (from, to) = two_accounts(&bank).await;
    let nobody = AccountId::random();
    send(&bank, from, to, 30).await;
    send(&bank, from, nobody, 20).await;
    manage(&bank).await;
    // What was refused then would be accepted now. It has come back already.
    open(&bank, nobody, Currency::EUR).await;
    let before = log(&bank, &[from, to, nobody]).await;

    sweep_and_deliver_again(&bank).await;
    assert_eq!(log(&bank, &[from, to, nobody]).await, before);
    assert_eq!(balance(&bank, from).await, 70);
    assert_eq!(balance(&bank, to).await, 30);
    assert_eq!(balance(&bank, nobody).await, 0);
}
// ANCHOR_END: swept

/// The money arrives, and the manager dies before it can say so. Then the
/// receiver is emptied and closed, so that it would refuse the money now.
#[tokio::test]
async fn after_a_sweep_what_has_arrived_does_not_come_back() {
    let bank = Bank::new().await;
    let (from, to) = two_accounts(&bank).await;
    let transfer = send(&bank, from, to, 30).await;
    let mut owner = connect(&bank.url).await;
    run(&mut owner, OBSTACLE).await;
    let running = bank.services.projections.spawn();
    until(async || balance(&bank, to).await == 30).await;
    drop(running);
    let amount = euros(30);
    for command in [Command::Withdraw { amount }, Command::Close] {
        bank.execute(to, command).await.unwrap();
    }
    run(&mut owner, "DROP TRIGGER object ON events").await;

    sweep_and_deliver_again(&bank).await;
    assert_eq!(balance(&bank, from).await, 70);
    let settled = AccountEvent::TransferSettled { transfer };
    assert_eq!(story(&bank, from).await[1..], [settled]);
}

/// A database of a release whose orders were among the clients' keys.
#[tokio::test]
async fn orders_of_before_are_taken_over() {
    let bank = Bank::new().await;
    let (from, to) = two_accounts(&bank).await;
    send(&bank, from, to, 30).await;
    manage(&bank).await;
    let mut owner = connect(&bank.url).await;
    let back = "DROP TRIGGER events_complete_orders ON events;
         DROP TABLE completed_orders, held_transfers;
         DROP FUNCTION note_completed_order;
         DELETE FROM _sqlx_migrations WHERE version = 4";
    run(&mut owner, back).await;
    let bank = Bank {
        services: services(&bank.url, &[]).await,
        url: bank.url,
    };
    let orders = "SELECT count(*) FROM completed_orders";
    assert_eq!(number(&mut owner, orders).await, 2, "to end and to settle");
    sweep_and_deliver_again(&bank).await;
    assert_eq!(balance(&bank, from).await, 70);
    assert_eq!(balance(&bank, to).await, 30);
}

/// In partitions, an event's id is unique in its stream only. An order is
/// completed once, over all streams, all the same.
#[tokio::test]
async fn in_partitions_nothing_arrives_twice_either() {
    let bank = Bank::new().await;
    let (from, to) = two_accounts(&bank).await;
    send(&bank, from, to, 10).await;
    manage(&bank).await;
    let mut owner = connect(&bank.url).await;
    run(&mut owner, include_str!("../../deploy/partition.sql")).await;
    owner.close().await.unwrap();
    let bank = Bank {
        services: services(&bank.url, &[]).await,
        url: bank.url,
    };
    let nobody = AccountId::random();
    send(&bank, from, to, 30).await;
    send(&bank, from, nobody, 20).await;
    manage(&bank).await;
    open(&bank, nobody, Currency::EUR).await;
    sweep_and_deliver_again(&bank).await;
    assert_eq!(balance(&bank, from).await, 60);
    assert_eq!(balance(&bank, to).await, 40);
    assert_eq!(balance(&bank, nobody).await, 0);
}

/// Random transfers to accounts that open and close, a manager that is cut
/// short anywhere, and an operator who sweeps and sets checkpoints back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_swept_money_is_conserved() {
    let bank = Bank::new().await;
    let from = account(&bank, Currency::EUR, 10_000).await;
    let all: Vec<_> = (0..6).map(|_| AccountId::random()).collect();
    let mut owner = connect(&bank.url).await;
    let mut paid_out = 0;
    for _ in 0..12 {
        let running = bank.services.projections.spawn();
        for _ in 0..rand::random_range(1..8) {
            let send = Command::SendTransfer {
                transfer: TransferId::random(),
                to: all[rand::random_range(0..all.len())],
                amount: euros(rand::random_range(1..50)),
                settlement: Settlement::Eventual,
            };
            bank.execute(from, send).await.unwrap();
        }
        let any = all[rand::random_range(0..all.len())];
        paid_out += match rand::random_bool(0.5) {
            true => open_again(&bank, any).await,
            false => emptied_and_closed(&bank, any).await,
        };
        drop(running);
        sweep(&mut owner).await;
        if rand::random_bool(0.5) {
            forget_checkpoint(&bank).await;
        }
    }
    sweep_and_deliver_again(&bank).await;
    let mut sum = paid_out;
    for account in [&[from], &all[..]].concat() {
        let loaded = bank.services.accounts.load(account).await.unwrap();
        if let Account::Open(open) = loaded.account {
            assert!(open.in_transit.is_empty(), "each has come to its end");
            sum += open.balance.minor;
        }
    }
    assert_eq!(sum, 10_000);
}

/// Opens an account that may be open, or closed for good.
async fn open_again(bank: &Bank, account: AccountId) -> i64 {
    let loaded = bank.services.accounts.load(account).await.unwrap();
    if loaded.head.version == 0 {
        open(bank, account, Currency::EUR).await;
    }
    0
}

/// Takes everything out and closes the account, if it can be; says how much
/// that was.
async fn emptied_and_closed(bank: &Bank, account: AccountId) -> i64 {
    let loaded = bank.services.accounts.load(account).await.unwrap();
    if !matches!(loaded.account, Account::Open(_)) {
        return 0;
    }
    let amount = opened(bank, account).await.balance;
    let withdraw = Command::Withdraw { amount };
    let taken = bank.execute(account, withdraw).await;
    // More may have come in meanwhile.
    let _ = bank.execute(account, Command::Close).await;
    taken.map_or(0, |_| amount.minor)
}
