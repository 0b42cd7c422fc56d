//! One process at a time: taking over, and being too late (P2, P3).

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use event_sourcing::services::Services;
use sqlx::PgConnection;
use tokio::time::timeout;

use crate::{
    following::{Puppet, caught_up, status},
    harness::{Bank, DEADLINE, connect, number, run, services, until},
};

/// Processes that hold a subscriber's lock in this database.
async fn holders(connection: &mut PgConnection) -> i64 {
    let holders = "SELECT count(*) FROM pg_locks
         WHERE locktype = 'advisory' AND granted AND database =
             (SELECT oid FROM pg_database WHERE datname = current_database())";
    number(connection, holders).await
}

async fn fence(connection: &mut PgConnection) -> i64 {
    let fence = "SELECT coalesce(max(fence), 0) FROM projections
         WHERE name = 'balances'";
    number(connection, fence).await
}

async fn caught_up_with(bank: &Bank, events: i64) {
    caught_up(bank, "balances").await;
    let status = status(&bank.services, "balances").await.unwrap();
    assert_eq!(status.processed, events);
}

#[tokio::test]
async fn of_two_processes_one_acts_and_the_other_takes_over() {
    let bank = Bank::new().await;
    let second = services(&bank.url, &[]).await;
    let mut owner = connect(&bank.url).await;
    let first_running = bank.services.projections.spawn();
    until(async || holders(&mut owner).await == 2).await;
    let second_running = second.projections.spawn();
    bank.open_account().await;
    caught_up_with(&bank, 1).await;
    assert_eq!(holders(&mut owner).await, 2, "two subscribers, not four");
    assert_eq!(fence(&mut owner).await, 1);

    // It dies. Its connections close, whatever state it is in.
    drop(first_running);
    bank.open_account().await;
    caught_up_with(&bank, 2).await;
    assert_eq!(fence(&mut owner).await, 2);
    second_running.stop().await;
    // Given back when it stops.
    until(async || holders(&mut owner).await == 0).await;
}

#[tokio::test]
async fn who_loses_the_lock_starts_over() {
    let bank = Bank::new().await;
    let mut owner = connect(&bank.url).await;
    let running = bank.services.projections.spawn();
    bank.open_account().await;
    caught_up_with(&bank, 1).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks
         WHERE locktype = 'advisory' AND granted AND database =
             (SELECT oid FROM pg_database WHERE datname = current_database())";
    run(&mut owner, cut).await;
    until(async || fence(&mut owner).await == 2).await;
    bank.open_account().await;
    caught_up_with(&bank, 2).await;
    running.stop().await;
}

fn follow(
    services: &Services,
    puppet: Puppet,
) -> event_sourcing::projections::Running {
    let mut running = services.projections.spawn();
    services.projections.add(&mut running, puppet);
    running
}

#[tokio::test]
async fn who_has_been_fenced_off_writes_nothing() {
    let bank = Bank::new().await;
    bank.open_account().await;
    let puppet = Puppet::new("slow", 0);
    let (gate, reacted) = (puppet.gate.clone(), puppet.reacted.clone());
    let projected = puppet.projected.clone();
    let running = follow(&bank.services, puppet);
    // It has read the page, and thinks about it.
    until(async || reacted.load(Ordering::SeqCst) == 1).await;
    let mut owner = connect(&bank.url).await;
    let take_over = "UPDATE projections SET fence = fence + 1
         WHERE name = 'slow'";
    run(&mut owner, take_over).await;
    gate.add_permits(1);
    // It starts over, with a number of its own.
    until(async || reacted.load(Ordering::SeqCst) == 2).await;
    assert_eq!(projected.load(Ordering::SeqCst), 0);
    assert_eq!(status(&bank.services, "slow").await.unwrap().processed, 0);
    gate.add_permits(1);
    caught_up(&bank, "slow").await;
    assert_eq!(projected.load(Ordering::SeqCst), 1);
    running.stop().await;
}

#[tokio::test]
async fn what_cannot_be_done_now_is_done_later_from_there() {
    let bank = Bank::new().await;
    for _ in 0..4 {
        bank.open_account().await;
    }
    crate::harness::until(async || {
        crate::following::feed(&bank, 10).await.len() == 4
    })
    .await;
    let puppet = Puppet {
        busy: AtomicU64::new(1),
        ..Puppet::new("busy", 100)
    };
    let reacted = puppet.reacted.clone();
    let projected = puppet.projected.clone();
    let running = follow(&bank.services, puppet);
    caught_up(&bank, "busy").await;
    assert_eq!(projected.load(Ordering::SeqCst), 4, "each exactly once");
    assert_eq!(reacted.load(Ordering::SeqCst), 6, "half of them twice");
    let status = status(&bank.services, "busy").await.unwrap();
    assert_eq!(status.stopped, None, "to be busy is no poison");
    running.stop().await;
}

#[tokio::test]
async fn to_stop_is_to_finish_the_page() {
    let bank = Bank::new().await;
    bank.open_account().await;
    let puppet = Puppet::new("finishing", 0);
    let (gate, reacted) = (puppet.gate.clone(), puppet.reacted.clone());
    let running = follow(&bank.services, puppet);
    until(async || reacted.load(Ordering::SeqCst) == 1).await;
    let stopping = tokio::spawn(running.stop());
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!stopping.is_finished());
    gate.add_permits(1);
    timeout(DEADLINE, stopping).await.unwrap().unwrap();
    let status = status(&bank.services, "finishing").await.unwrap();
    assert_eq!(status.processed, 1);
}
