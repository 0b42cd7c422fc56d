//! The projection of balances: crashes, poison, and reading one's own writes.

use std::time::Duration;

use event_sourcing::{
    domain::{AccountId, Command, Settlement, TransferId},
    projections::{ReadError, Status},
    store::{Expected, NewEvent},
};
use serde_json::json;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{
    following::{assert_balances_are_folds, caught_up, read, status},
    harness::{
        Bank, DEADLINE, cause, connect, deposits, euros, number, services,
        until,
    },
};

/// Any command on any of these accounts. The bank refuses some of them.
async fn do_something(bank: &Bank, accounts: &[AccountId]) {
    let any = || accounts[rand::random_range(0..accounts.len())];
    let amount = euros(rand::random_range(1..50));
    let command = match rand::random_range(0..10) {
        0 => Command::Close,
        1 | 2 => Command::Withdraw { amount },
        3 | 4 => Command::SendTransfer {
            transfer: TransferId::random(),
            to: any(),
            amount,
            settlement: Settlement::Immediate,
        },
        5 => Command::SendTransfer {
            transfer: TransferId::random(),
            to: any(),
            amount,
            settlement: Settlement::Eventual,
        },
        _ => Command::Deposit { amount },
    };
    // Refused or not: what counts is what is in the log.
    let _ = bank.execute(any(), command).await;
}

/// In this process. With a `kill -9`, see the tests of the service.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_it_is_cut_short_the_balances_are_folds() {
    let bank = Bank::new().await;
    let mut accounts = Vec::new();
    for _ in 0..12 {
        accounts.push(bank.open_account().await);
    }
    for _ in 0..20 {
        let running = bank.services.projections.spawn();
        let cut =
            Instant::now() + Duration::from_millis(rand::random_range(0..120));
        while Instant::now() < cut {
            do_something(&bank, &accounts).await;
        }
        // Its tasks end wherever they are.
        drop(running);
    }
    let running = bank.services.projections.spawn();
    caught_up(&bank, "transfers").await;
    caught_up(&bank, "balances").await;
    running.stop().await;
    assert_balances_are_folds(&bank).await;
}

#[tokio::test]
async fn a_closed_account_keeps_its_balance_of_nothing() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    bank.execute(account, Command::Close).await.unwrap();
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;
    running.stop().await;
    let balance = read(&bank, account).await.unwrap();
    assert_eq!(balance.status, Status::Closed);
    assert_eq!(balance.balance, euros(0));
    assert_eq!((balance.version, balance.lag), (2, 0));
    bank.open_account().await;
    assert_eq!(read(&bank, account).await.unwrap().lag, 1);
}

/// An event that no code of today knows.
fn unheard_of() -> NewEvent {
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type: "MoneyLaundered",
        schema_version: 1,
        payload: json!({ "secret": "how much" }),
    }
}

async fn append(bank: &Bank, account: AccountId, events: &[NewEvent]) {
    let (store, cause) = (&bank.services.store, cause());
    let append = store.append_to(account.0, Expected::Any, events, &cause);
    append.await.unwrap();
}

#[tokio::test]
async fn an_event_that_cannot_be_read_stops_it_right_there() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    append(&bank, account, &deposits(&[5, 5])).await;
    append(&bank, account, &[unheard_of()]).await;
    let other = bank.open_account().await;

    let running = bank.services.projections.spawn();
    let stopped = async || {
        let status = status(&bank.services, "balances").await;
        status.is_some_and(|it| it.stopped.is_some())
    };
    until(stopped).await;
    let seen = status(&bank.services, "balances").await.unwrap();
    assert_eq!((seen.processed, seen.lag_events), (3, 2), "{seen:?}");
    let why = seen.stopped.unwrap();
    assert!(why.starts_with("unreadable_event: MoneyLaundered"), "{why}");
    assert!(why.contains("event 4 of stream"), "{why}");
    assert!(
        !why.contains("how much"),
        "the content is nobody's business"
    );

    // What came before it is there; what came after waits, and nobody skips.
    assert_eq!(read(&bank, account).await.unwrap().version, 3);
    assert_eq!(read(&bank, other).await, None);
    assert!(bank.services.projections.rebuild("balances").await.is_ok());
    let again = async || {
        let all = bank.services.projections.list().await.unwrap();
        all.iter()
            .any(|it| it.revision == 2 && it.stopped.is_some())
    };
    until(again).await;
    assert_eq!(read(&bank, account).await.unwrap().version, 3);
    running.stop().await;

    // Another process has another chance, and the same trouble.
    let restarted = services(&bank.url, &[]).await;
    let running = restarted.projections.spawn();
    until(async || {
        let all = restarted.projections.list().await.unwrap();
        let stopped = all.iter().filter(|it| it.stopped.is_some());
        stopped.count() == 2
    })
    .await;
    // The process manager, to which accounts are all alike, goes on.
    caught_up(&bank, "transfers").await;
    running.stop().await;
}

/// Events that can be read, and cannot have happened to the account.
#[tokio::test]
async fn an_event_that_cannot_have_happened_stops_it() {
    for (events, at) in [
        (deposits(&[1]), 1),
        (deposits(&[i64::MAX, 1]), 3),
        (deposits(&[-1]), 2),
    ] {
        let bank = Bank::new().await;
        let account = match at {
            1 => AccountId::random(),
            _ => bank.open_account().await,
        };
        append(&bank, account, &events).await;
        let running = bank.services.projections.spawn();
        let mut seen = None;
        until(async || {
            let status = status(&bank.services, "balances").await;
            seen = status.and_then(|it| it.stopped);
            seen.is_some()
        })
        .await;
        let why = seen.unwrap();
        assert!(why.starts_with("impossible_event"), "{why}");
        running.stop().await;
    }
}

#[tokio::test]
async fn a_client_reads_what_it_has_written() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let balances = bank.services.projections.balances();
    let running = bank.services.projections.spawn();
    for version in 2..20 {
        let deposit = Command::Deposit { amount: euros(1) };
        bank.execute(account, deposit).await.unwrap();
        let read = balances.at_least(account, version, DEADLINE).await;
        assert_eq!(read.unwrap().unwrap().version, version);
    }
    running.stop().await;
}

#[tokio::test]
async fn who_waits_for_the_future_waits_no_longer_than_said() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let balances = bank.services.projections.balances();
    let limit = Duration::from_millis(50);
    // Nobody projects.
    let read = balances.at_least(account, 1, limit).await;
    let Err(ReadError::Behind { version: 0 }) = read else {
        panic!("{read:?}");
    };
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;
    let read = balances.at_least(account, 2, limit).await;
    let Err(ReadError::Behind { version: 1 }) = read else {
        panic!("{read:?}");
    };
    // An account that does not exist is no matter of time.
    let nobody = AccountId::random();
    let read = balances.at_least(nobody, 1, Duration::MAX / 4).await;
    assert_eq!(read.unwrap(), None);
    running.stop().await;
}

/// Behind by a transaction of somebody else, not by work that is left.
#[tokio::test]
async fn what_an_open_transaction_hides_comes_when_it_ends() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;
    let open = crate::following::Hand::begin(&bank).await;
    let deposit = Command::Deposit { amount: euros(1) };
    bank.execute(account, deposit).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    assert_eq!(read(&bank, account).await.unwrap().version, 1);
    assert_eq!(read(&bank, account).await.unwrap().lag, 1);
    open.roll_back().await;
    caught_up(&bank, "balances").await;
    assert_eq!(read(&bank, account).await.unwrap().version, 2);
    running.stop().await;
}

#[tokio::test]
async fn pages_of_any_number_of_events_add_up() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let amounts = [1; 400];
    let after = Expected::Version(1);
    bank.append(account.0, after, &amounts).await.unwrap();
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;
    running.stop().await;
    assert_eq!(read(&bank, account).await.unwrap().balance, euros(400));
    let mut owner = connect(&bank.url).await;
    let fences = "SELECT fence FROM projections WHERE name = 'balances'";
    assert_eq!(number(&mut owner, fences).await, 1, "one took over, once");
}
