//! One transfer that cannot be brought to its end stops no other.

use std::{ops::Range, time::Duration};

use event_sourcing::{
    domain::{AccountEvent, AccountId, Currency},
    projections::Running,
    store::{Expected, NewEvent},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    following::{caught_up, status},
    harness::{
        Bank, balance, cause, connect, euros, number, run, services, until,
    },
    sweeping::log,
    transferring::{
        account, damage, forget_checkpoint, held, jinx, lift, manage, mend,
        opened, send, story, two_accounts,
    },
};

/// What is held is in this state, for this reason.
async fn are_held(bank: &Bank, expected: &[(&str, &str)]) {
    until(async || {
        let held = held(bank).await;
        let held = held.iter().map(|it| (&*it.state, &*it.reason));
        held.collect::<Vec<_>>() == expected
    })
    .await;
}

async fn not_stopped(bank: &Bank) {
    let status = status(&bank.services, "transfers").await.unwrap();
    assert_eq!(status.stopped, None);
}

fn follow(bank: &Bank) -> Running {
    bank.services.projections.spawn()
}

// ANCHOR: contended
#[tokio::test]
async fn a_contended_receiver_holds_up_nobody_else() {
    let bank = Bank::new().await;
    let (from, contended) = two_accounts(&bank).await;
    let other = account(&bank, Currency::EUR, 0).await;
    let mut owner = connect(&bank.url).await;
    jinx(&mut owner, contended).await;
    send(&bank, from, contended, 10).await;
    send(&bank, from, contended, 10).await;
    send(&bank, from, other, 5).await;
    let running = follow(&bank);
    until(async || balance(&bank, other).await == 5).await;
    // On later pages, too.
    for sum in 6..9 {
        send(&bank, from, contended, 10).await;
        send(&bank, from, other, 1).await;
        until(async || balance(&bank, other).await == sum).await;
    }
    not_stopped(&bank).await;
    assert_eq!(balance(&bank, contended).await, 0);

    // By itself, as soon as it can be.
    lift(&mut owner).await;
    until(async || balance(&bank, contended).await == 50).await;
    until(async || held(&bank).await.is_empty()).await;
    running.stop().await;
    assert_eq!(balance(&bank, from).await, 42);
    assert!(opened(&bank, from).await.in_transit.is_empty());
}
// ANCHOR_END: contended

#[tokio::test]
async fn a_damaged_receiver_is_parked_until_it_is_released() {
    let bank = Bank::new().await;
    let (from, damaged) = two_accounts(&bank).await;
    let other = account(&bank, Currency::EUR, 0).await;
    manage(&bank).await;
    let mut owner = connect(&bank.url).await;
    damage(&mut owner, damaged).await;
    let transfer = send(&bank, from, damaged, 30).await;
    send(&bank, from, other, 5).await;
    let running = follow(&bank);
    until(async || balance(&bank, other).await == 5).await;
    are_held(&bank, &[("parked", "unreadable_event")]).await;
    not_stopped(&bank).await;
    running.stop().await;
    let [parked] = &held(&bank).await[..] else {
        panic!("not one");
    };
    let sent = &bank.events(from.0).await[2];
    assert_eq!(parked.event_id, sent.event_id);
    assert_eq!((parked.stream_id, parked.version), (from.0, 3));

    // It stays so in the next process, and is released from another one.
    let running = follow(&bank);
    let release = async || {
        let another = services(&bank.url, &[]).await;
        let transfers = another.projections.transfers();
        transfers.release(sent.event_id).await.unwrap()
    };
    assert!(release().await);
    are_held(&bank, &[("parked", "unreadable_event")]).await;
    mend(&mut owner, damaged).await;
    assert!(release().await);
    until(async || held(&bank).await.is_empty()).await;
    assert!(!release().await, "it is over");
    running.stop().await;
    assert_eq!(balance(&bank, damaged).await, 30);
    let settled = AccountEvent::TransferSettled { transfer };
    assert_eq!(story(&bank, from).await.last(), Some(&settled));

    let before = log(&bank, &[from, damaged, other]).await;
    run(&mut owner, "DELETE FROM idempotency_keys").await;
    forget_checkpoint(&bank).await;
    manage(&bank).await;
    assert_eq!(log(&bank, &[from, damaged, other]).await, before);
    assert_eq!(held(&bank).await, []);
}

/// Money that has arrived stays where it is when the sender is damaged.
#[tokio::test]
async fn a_damaged_sender_is_parked_with_the_money_at_its_goal() {
    let bank = Bank::new().await;
    let (damaged, to) = two_accounts(&bank).await;
    manage(&bank).await;
    send(&bank, damaged, to, 30).await;
    let mut owner = connect(&bank.url).await;
    damage(&mut owner, damaged).await;
    let running = follow(&bank);
    are_held(&bank, &[("parked", "unreadable_event")]).await;
    assert_eq!(balance(&bank, to).await, 30);
    mend(&mut owner, damaged).await;
    let parked = held(&bank).await[0].event_id;
    let transfers = bank.services.projections.transfers();
    assert!(transfers.release(parked).await.unwrap());
    until(async || held(&bank).await.is_empty()).await;
    running.stop().await;
    assert_eq!(balance(&bank, damaged).await, 70);
    assert_eq!(balance(&bank, to).await, 30);
    assert!(opened(&bank, damaged).await.in_transit.is_empty());
}

#[tokio::test]
async fn an_event_that_nobody_can_read_is_parked_if_it_may_send_money() {
    let bank = Bank::new().await;
    let (from, to) = two_accounts(&bank).await;
    for (event_type, schema_version) in [
        // Of a later release: a new type may send money, a new shape of a
        // transfer does, and a new shape of a deposit does not.
        ("MoneyLaundered", 1),
        ("TransferSent", 99),
        ("MoneyDeposited", 99),
    ] {
        let event = NewEvent {
            event_id: Uuid::now_v7(),
            event_type,
            schema_version,
            payload: json!({}),
        };
        let (store, stream) = (&bank.services.store, Uuid::now_v7());
        let (none, cause) = (Expected::NoStream, cause());
        let events = [event];
        let append = store.append_to(stream, none, &events, &cause);
        append.await.unwrap();
    }
    send(&bank, from, to, 30).await;
    let running = follow(&bank);
    caught_up(&bank, "transfers").await;
    running.stop().await;
    assert_eq!(balance(&bank, to).await, 30);
    are_held(&bank, &[("parked", "unreadable_event"); 2]).await;
}

/// An operator has swept where nothing is to be swept.
#[tokio::test]
async fn a_row_that_was_deleted_is_found_again() {
    let bank = Bank::new().await;
    let (from, contended) = two_accounts(&bank).await;
    let mut owner = connect(&bank.url).await;
    jinx(&mut owner, contended).await;
    send(&bank, from, contended, 30).await;
    let running = follow(&bank);
    are_held(&bank, &[("waiting", "contended")]).await;
    running.stop().await;
    run(&mut owner, "DELETE FROM held_transfers").await;
    lift(&mut owner).await;
    manage(&bank).await;
    assert_eq!(opened(&bank, from).await.in_transit.len(), 1);
    forget_checkpoint(&bank).await;
    manage(&bank).await;
    assert_eq!(balance(&bank, contended).await, 30);
    assert!(opened(&bank, from).await.in_transit.is_empty());
}

/// An answer of the database that is about one stream, such as a broken page
/// of its table, is no reason to wait with the others.
#[tokio::test]
async fn what_the_database_refuses_to_one_it_gives_to_others() {
    let bank = Bank::new().await;
    let (from, refused) = two_accounts(&bank).await;
    let other = account(&bank, Currency::EUR, 0).await;
    let mut owner = connect(&bank.url).await;
    let obstacle = format!(
        "CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             RAISE EXCEPTION 'broken' USING ERRCODE = 'data_corrupted';
         END $$;
         CREATE TRIGGER object BEFORE INSERT ON events FOR EACH ROW
             WHEN (NEW.stream_id = '{refused}') EXECUTE FUNCTION object()"
    );
    run(&mut owner, &obstacle).await;
    send(&bank, from, refused, 30).await;
    send(&bank, from, other, 5).await;
    let running = follow(&bank);
    until(async || balance(&bank, other).await == 5).await;
    are_held(&bank, &[("waiting", "database")]).await;
    run(&mut owner, "DROP FUNCTION object CASCADE").await;
    until(async || held(&bank).await.is_empty()).await;
    running.stop().await;
    assert_eq!(balance(&bank, refused).await, 30);
}

fn millis(range: Range<u64>) -> Duration {
    Duration::from_millis(rand::random_range(range))
}

/// A transfer whose event has passed has ended or is held, wherever the manager is cut
/// short, whatever else goes wrong, and however often it is released.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_held_money_is_conserved() {
    let bank = Bank::new().await;
    let mut accounts = Vec::new();
    for _ in 0..5 {
        accounts.push(account(&bank, Currency::EUR, 1_000).await);
    }
    let damaged = account(&bank, Currency::EUR, 0).await;
    manage(&bank).await;
    let mut owner = connect(&bank.url).await;
    damage(&mut owner, damaged).await;
    jinx(&mut owner, accounts[0]).await;
    let goals = [&accounts[..], &[damaged, AccountId::random()]].concat();
    for _ in 0..8 {
        let running = follow(&bank);
        for _ in 0..rand::random_range(1..10) {
            // Not the one that can do nothing now.
            let from = accounts[rand::random_range(1..accounts.len())];
            let to = goals[rand::random_range(0..goals.len())];
            if from != to {
                let minor = rand::random_range(1..20);
                send(&bank, from, to, minor).await;
            }
        }
        // It comes some way.
        tokio::time::sleep(millis(0..100)).await;
        for it in held(&bank).await {
            let transfers = bank.services.projections.transfers();
            transfers.release(it.event_id).await.unwrap();
        }
        drop(running);
        run(&mut owner, "DELETE FROM idempotency_keys").await;
        if rand::random_bool(0.3) {
            forget_checkpoint(&bank).await;
        }
    }
    lift(&mut owner).await;
    mend(&mut owner, damaged).await;
    manage(&bank).await;
    for it in held(&bank).await {
        let transfers = bank.services.projections.transfers();
        transfers.release(it.event_id).await.unwrap();
    }
    manage(&bank).await;
    let rows = "SELECT count(*) FROM held_transfers";
    assert_eq!(number(&mut owner, rows).await, 0);
    let mut sum = 0;
    for account in [&accounts[..], &[damaged]].concat() {
        let open = opened(&bank, account).await;
        assert!(open.in_transit.is_empty(), "each has come to its end");
        sum += open.balance.minor;
    }
    assert_eq!(euros(sum), euros(5_000));
}
