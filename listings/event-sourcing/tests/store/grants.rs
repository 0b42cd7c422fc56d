//! Who may do what to the tables (A11).

use event_sourcing::{
    bank::Refusal,
    domain::{Command, Rejection, Settlement, SubjectId, TransferId},
    store::{Expected, FeedCursor, Verdict},
};
use uuid::Uuid;

use crate::harness::{
    Bank, DEADLINE, balance, connect, euros, new_database, number, run,
    services, try_run, try_services, until,
};

const GRANTS: &str = include_str!("../../deploy/grants.sql");

/// A bank that is not the owner of its tables, and the owner's URL.
async fn bank_with_grants() -> (Bank, String) {
    let owner_url = new_database().await;
    let mut owner = connect(&owner_url).await;
    // Roles belong to the server, and tests of other databases make it, too.
    let role = "DO $$ BEGIN CREATE ROLE bank LOGIN PASSWORD 'bank';
                EXCEPTION WHEN duplicate_object OR unique_violation THEN
                END $$";
    run(&mut owner, role).await;
    run(&mut owner, GRANTS).await;
    let (_, place) = owner_url.split_once("://").unwrap();
    let host = place.split_once('@').map_or(place, |(_, host)| host);
    let url = format!("postgres://bank:bank@{host}");
    let services = services(&url, &[("SNAPSHOT_EVERY", "2")]).await;
    (Bank { services, url }, owner_url)
}

fn sqlstate(result: Result<u64, sqlx::Error>) -> String {
    let error = result.expect_err("was not refused");
    error.as_database_error().unwrap().code().unwrap().into()
}

#[tokio::test]
async fn nobody_rewrites_history() {
    let (bank, owner_url) = bank_with_grants().await;
    let stream = Uuid::now_v7();
    let head = bank.append(stream, Expected::Any, &[1, 2]).await.unwrap();
    let mut program = connect(&bank.url).await;
    let mut owner = connect(&owner_url).await;
    for sql in [
        "UPDATE events SET payload = '{}'",
        "UPDATE events SET version = version",
        "UPDATE events SET payload = '{}' WHERE false",
        "DELETE FROM events",
        "TRUNCATE events",
        "TRUNCATE streams CASCADE",
        "DELETE FROM streams",
        // The same holds for what the program has done of its own accord.
        "UPDATE completed_orders SET version = 1",
        "DELETE FROM completed_orders",
        "TRUNCATE completed_orders",
    ] {
        let insufficient_privilege = "42501";
        let refused = sqlstate(try_run(&mut program, sql).await);
        assert_eq!(refused, insufficient_privilege, "{sql}");
        let refused = sqlstate(try_run(&mut owner, sql).await);
        let (by_trigger, by_foreign_key) = ("23001", "23503");
        let expected = match sql {
            "DELETE FROM streams" => by_foreign_key,
            _ => by_trigger,
        };
        assert_eq!(refused, expected, "{sql}");
    }
    for sql in [
        "ALTER TABLE events DISABLE TRIGGER USER",
        "DROP TABLE events CASCADE",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
        "DELETE FROM idempotency_keys",
        "DELETE FROM subject_keys",
    ] {
        let refused = sqlstate(try_run(&mut program, sql).await);
        assert_eq!(refused, "42501", "{sql}");
    }
    let verdict = bank.services.store.verify(stream).await.unwrap();
    assert_eq!(verdict, Verdict::Sound(head));
}

#[tokio::test]
async fn the_grants_are_all_that_the_bank_needs() {
    let (bank, owner_url) = bank_with_grants().await;
    let services = &bank.services;
    let (one, two) = (bank.open_account().await, bank.open_account().await);
    let amount = euros(10);
    let send = |settlement| Command::SendTransfer {
        transfer: TransferId::random(),
        to: two,
        amount,
        settlement,
    };
    for command in [
        Command::Deposit { amount: euros(30) },
        Command::Withdraw { amount },
        send(Settlement::Immediate),
        send(Settlement::Eventual),
    ] {
        bank.execute(one, command).await.unwrap();
    }
    // The process manager brings the money over, and settles.
    let running = services.projections.spawn();
    until(async || bank.events(one.0).await.len() == 6).await;
    assert_eq!(balance(&bank, two).await, 20);
    bank.execute(one, Command::Close).await.unwrap();
    let deposit = Command::Deposit { amount };
    let refusal = bank.execute(one, deposit).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Rejected(Rejection::Closed)));

    let balances = services.projections.balances();
    let read = balances.at_least(one, 7, DEADLINE).await.unwrap();
    assert_eq!(read.unwrap().version, 7);
    running.stop().await;
    let mut owner = connect(&owner_url).await;
    let snapshots = "SELECT count(*) FROM snapshots";
    until(async || number(&mut owner, snapshots).await > 0).await;
}

#[tokio::test]
async fn the_grants_are_all_that_vault_feed_and_audit_need() {
    let (bank, _) = bank_with_grants().await;
    let services = &bank.services;
    let subject = SubjectId::random();
    let sealed = services.vault.seal(subject, "Ada").await.unwrap();
    let name = services.vault.open(subject, &sealed).await.unwrap();
    assert_eq!(name.as_deref(), Some("Ada"));
    assert!(services.vault.erase(subject).await.unwrap());
    let account = bank.open_account().await;
    services.store.feed(FeedCursor::START, 10).await.unwrap();
    let verdict = services.store.verify(account.0).await.unwrap();
    assert!(matches!(verdict, Verdict::Sound(head) if head.version == 1));
}

#[tokio::test]
async fn a_schema_that_is_not_there_is_not_made_without_the_right() {
    let (bank, owner_url) = bank_with_grants().await;
    let mut owner = connect(&owner_url).await;
    // As if the program knew a step more than the database.
    run(&mut owner, "DELETE FROM _sqlx_migrations WHERE version = 4").await;
    let error = try_services(&bank.url, &[]).await.err().expect("started");
    let message = error.to_string();
    assert!(message.contains("permission denied"), "{message}");
}
