//! A new revision beside the live one (P5).

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use event_sourcing::{
    domain::{AccountId, Command},
    projections::RebuildError,
    store::Expected,
};
use sqlx::PgConnection;

use crate::{
    following::{Hand, assert_balances_are_folds, caught_up, read, status},
    harness::{Bank, connect, euros, number, run, until},
};

/// Accounts with so many events each.
async fn accounts(bank: &Bank, count: usize, events: usize) -> Vec<AccountId> {
    let mut accounts = Vec::new();
    for _ in 0..count {
        let account = bank.open_account().await;
        let amounts = vec![1; events - 1];
        let after = Expected::Version(1);
        bank.append(account.0, after, &amounts).await.unwrap();
        accounts.push(account);
    }
    accounts
}

async fn live_revision(bank: &Bank) -> i32 {
    let all = bank.services.projections.list().await.unwrap();
    let live = all
        .iter()
        .find(|it| it.name == "balances" && it.status == "live");
    live.map_or(0, |it| it.revision)
}

/// Rows of revisions that are not the live one.
async fn leftovers(owner: &mut PgConnection, live: i32) -> i64 {
    let rows = format!(
        "SELECT count(*) FROM account_balances WHERE revision <> {live}"
    );
    number(owner, &rows).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_do_not_notice_a_rebuild() {
    let bank = Arc::new(Bank::new().await);
    let accounts = Arc::new(accounts(&bank, 20, 150).await);
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;

    let over = Arc::new(AtomicBool::new(false));
    let (writer, reader) = (Arc::clone(&bank), Arc::clone(&bank));
    let (of, over_too) = (Arc::clone(&accounts), Arc::clone(&over));
    let writer = tokio::spawn(async move {
        while !over_too.load(Ordering::SeqCst) {
            let account = of[rand::random_range(0..of.len())];
            let deposit = Command::Deposit { amount: euros(1) };
            writer.execute(account, deposit).await.unwrap();
        }
    });
    let (of, over_too) = (Arc::clone(&accounts), Arc::clone(&over));
    let reader = tokio::spawn(async move {
        let mut seen: BTreeMap<AccountId, i64> = BTreeMap::new();
        while !over_too.load(Ordering::SeqCst) {
            for account in of.iter() {
                let balance = read(&reader, *account).await;
                let balance = balance.expect("there all the time");
                let last = seen.entry(*account).or_default();
                assert!(balance.version >= *last, "back in time");
                *last = balance.version;
                assert_eq!(balance.balance, euros(balance.version - 1));
            }
        }
    });
    for revision in 2..=4 {
        let asked = bank.services.projections.rebuild("balances").await;
        assert_eq!(asked.unwrap(), revision);
        until(async || live_revision(&bank).await == revision).await;
    }
    over.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    reader.await.unwrap();

    caught_up(&bank, "balances").await;
    assert_balances_are_folds(&bank).await;
    let mut owner = connect(&bank.url).await;
    until(async || leftovers(&mut owner, 4).await == 0).await;
    running.stop().await;
}

/// The new revision writes a row of version `n` when nobody holds lock `n`.
const GATES: &str = "
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(NEW.version);
        RETURN NEW;
    END $$;
    CREATE TRIGGER wait BEFORE INSERT ON account_balances FOR EACH ROW
        WHEN (NEW.revision = 2) EXECUTE FUNCTION wait();
    SELECT pg_advisory_lock(1), pg_advisory_lock(2)";

/// The live one sees an event that the new one has just not seen.
#[tokio::test]
async fn no_reader_goes_back_in_time_when_the_new_one_is_behind() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;
    let mut gates = connect(&bank.url).await;
    run(&mut gates, GATES).await;
    let mut owner = connect(&bank.url).await;
    let mut waits = async |gate: i64| {
        let waiting = format!(
            "SELECT count(*) FROM pg_locks
             WHERE locktype = 'advisory' AND NOT granted AND objid = {gate}
               AND database = (SELECT oid FROM pg_database
                               WHERE datname = current_database())"
        );
        until(async || number(&mut owner, &waiting).await == 1).await;
    };

    let mut late = Hand::begin(&bank).await;
    bank.services.projections.rebuild("balances").await.unwrap();
    waits(1).await;
    late.write(account.0, 2).await;
    late.commit().await;
    until(async || read(&bank, account).await.unwrap().version == 2).await;
    run(&mut gates, "SELECT pg_advisory_unlock(1)").await;
    waits(2).await;
    assert_eq!(read(&bank, account).await.unwrap().version, 2);
    run(&mut gates, "SELECT pg_advisory_unlock(2)").await;
    until(async || live_revision(&bank).await == 2).await;
    assert_eq!(read(&bank, account).await.unwrap().version, 2);
    caught_up(&bank, "balances").await;
    running.stop().await;
}

/// Lets the new revision come as far as the first page, and no further.
const OBSTACLE: &str = "
    CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.revision = 2 AND (SELECT count(*) FROM account_balances
                                 WHERE revision = 2) > 3 THEN
            RAISE EXCEPTION 'not yet';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER object BEFORE INSERT ON account_balances
        FOR EACH ROW EXECUTE FUNCTION object()";

#[tokio::test]
async fn a_rebuild_that_is_cut_short_goes_on_where_it_was() {
    let bank = Bank::new().await;
    accounts(&bank, 10, 250).await;
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;
    let mut owner = connect(&bank.url).await;
    run(&mut owner, OBSTACLE).await;
    bank.services.projections.rebuild("balances").await.unwrap();
    let building = async || {
        let newest = status(&bank.services, "balances").await.unwrap();
        (newest.revision == 2).then_some(newest)
    };
    until(async || building().await.is_some_and(|it| it.processed > 0)).await;
    drop(running);

    let before = building().await.unwrap();
    assert!(before.processed < 2_500, "cut short");
    assert_eq!(before.status, "building");
    let account = bank.open_account().await;
    let running = bank.services.projections.spawn();
    // The live one does not wait for the one that is being built.
    until(async || read(&bank, account).await.is_some()).await;
    assert_eq!(live_revision(&bank).await, 1);
    run(&mut owner, "DROP TRIGGER object ON account_balances").await;
    until(async || live_revision(&bank).await == 2).await;
    caught_up(&bank, "balances").await;
    assert_balances_are_folds(&bank).await;
    until(async || leftovers(&mut owner, 2).await == 0).await;
    running.stop().await;
}

#[tokio::test]
async fn not_everything_can_be_rebuilt() {
    let bank = Bank::new().await;
    let projections = &bank.services.projections;
    let error = projections.rebuild("nobody").await.unwrap_err();
    assert!(matches!(error, RebuildError::NoSuchProjection), "{error:?}");
    // Nobody follows yet, so it waits.
    assert_eq!(projections.rebuild("balances").await.unwrap(), 2);
    let error = projections.rebuild("balances").await.unwrap_err();
    assert!(matches!(error, RebuildError::UnderWay), "{error:?}");
    let running = projections.spawn();
    until(async || status(&bank.services, "transfers").await.is_some()).await;
    let error = projections.rebuild("transfers").await.unwrap_err();
    assert!(matches!(error, RebuildError::NotRebuildable), "{error:?}");
    until(async || live_revision(&bank).await == 2).await;
    running.stop().await;
}

/// Asked for by a process that follows nothing itself.
#[tokio::test]
async fn another_process_may_ask() {
    let bank = Bank::new().await;
    bank.open_account().await;
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;
    let other = crate::harness::services(&bank.url, &[]).await;
    other.projections.rebuild("balances").await.unwrap();
    until(async || live_revision(&bank).await == 2).await;
    assert_balances_are_folds(&bank).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_at_the_moment_of_the_switch_is_told_to_wait() {
    let bank = Arc::new(Bank::new().await);
    accounts(&bank, 3, 3).await;
    let running = bank.services.projections.spawn();
    caught_up(&bank, "balances").await;
    let asking = (0..4).map(|_| {
        let bank = Arc::clone(&bank);
        tokio::spawn(async move {
            let mut begun = 0;
            while begun < 10 {
                match bank.services.projections.rebuild("balances").await {
                    Ok(_) => begun += 1,
                    Err(RebuildError::UnderWay) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        })
    });
    for asker in asking.collect::<Vec<_>>() {
        asker.await.unwrap();
    }
    running.stop().await;
}
