//! What becomes of connections that lead to a server without writes. Each
//! test has a database whose new transactions are all read-only for a while.

use std::collections::BTreeSet;

use event_sourcing::{
    database::Database,
    store::{Append, Expected, Head},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::harness::{Bank, cause, connect, deposits, run, try_run, until};

const CONNECTIONS: usize = 8;

/// The server's processes behind all of the pool's connections.
async fn processes(database: &Database) -> BTreeSet<i32> {
    let mut connections = Vec::new();
    let mut processes = BTreeSet::new();
    for _ in 0..CONNECTIONS {
        let mut connection = database.pool().acquire().await.unwrap();
        let pid = sqlx::query_scalar("SELECT pg_backend_pid()");
        processes.insert(pid.fetch_one(&mut *connection).await.unwrap());
        connections.push(connection);
    }
    processes
}

/// Makes every session that is open now one of a former primary. What is
/// opened from now on leads to a primary, as after a failover.
async fn fail_over(database: &Database) {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = database.pool().acquire().await.unwrap();
        let old = "SET default_transaction_read_only = on";
        sqlx::query(old).execute(&mut *connection).await.unwrap();
        connections.push(connection);
    }
}

/// What a server says that takes no writes.
async fn refused(owner: &mut PgConnection) -> sqlx::Error {
    run(owner, "SET default_transaction_read_only = on").await;
    let refused = try_run(owner, "DELETE FROM snapshots").await.unwrap_err();
    run(owner, "SET default_transaction_read_only = off").await;
    refused
}

const LISTENERS: &str = "SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'";

const LOCKS: &str = "SELECT pid FROM pg_locks JOIN pg_database d
    ON d.oid = database AND datname = current_database()
    WHERE locktype = 'advisory' AND granted";

async fn found(owner: &mut PgConnection, ask: &'static str) -> BTreeSet<i32> {
    let found = sqlx::query_scalar(ask).fetch_all(owner).await;
    found.unwrap().into_iter().collect()
}

/// Waits until so many processes are found by `ask`, and none of these.
async fn until_others(
    owner: &mut PgConnection,
    ask: &'static str,
    count: usize,
    old: &BTreeSet<i32>,
) -> BTreeSet<i32> {
    until(async || {
        let new = found(owner, ask).await;
        new.len() == count && new.is_disjoint(old)
    })
    .await;
    found(owner, ask).await
}

#[tokio::test]
async fn one_refused_write_closes_every_old_connection() {
    let bank = Bank::new().await;
    let database = &bank.services.database;
    let old = processes(database).await;
    assert_eq!(old.len(), CONNECTIONS);
    fail_over(database).await;
    let stream = Uuid::now_v7();
    let append = || bank.append(stream, Expected::NoStream, &[1]);
    append().await.unwrap_err();
    assert_eq!(append().await.unwrap().version, 1);
    let new = processes(database).await;
    assert!(old.is_disjoint(&new), "{old:?} {new:?}");
    // What is well is kept.
    assert_eq!(processes(database).await, new);
}

#[tokio::test]
async fn a_refused_transaction_closes_every_old_connection() {
    let bank = Bank::new().await;
    let database = &bank.services.database;
    let old = processes(database).await;
    fail_over(database).await;
    let events = deposits(&[1]);
    let append = || Append {
        stream: Uuid::now_v7(),
        head: Head::NONE,
        events: &events,
        answer: None,
    };
    // Two streams take a transaction.
    let two = [
        append(),
        Append {
            events: &[],
            ..append()
        },
    ];
    let appended = bank.services.store.append(&two, &cause()).await;
    appended.unwrap_err();
    assert!(old.is_disjoint(&processes(database).await));
}

#[tokio::test]
async fn to_ask_whether_it_takes_writes_is_enough() {
    let bank = Bank::new().await;
    let database = &bank.services.database;
    assert!(database.is_writable().await.unwrap());
    let old = processes(database).await;
    fail_over(database).await;
    assert!(!database.is_writable().await.unwrap());
    assert!(database.is_writable().await.unwrap());
    assert!(old.is_disjoint(&processes(database).await));
}

#[tokio::test]
async fn a_listener_moves_along() {
    let bank = Bank::new().await;
    let (database, bell) = (&bank.services.database, &bank.services.wakeup);
    let hearing = bell.clone().hear_others(database.clone());
    let hearing = tokio::spawn(hearing);
    let mut owner = connect(&bank.url).await;
    let old = until_others(&mut owner, LISTENERS, 1, &BTreeSet::new()).await;
    database.evict_for(&refused(&mut owner).await);
    until_others(&mut owner, LISTENERS, 1, &old).await;
    let mut rung = bell.listen();
    run(&mut owner, "SELECT pg_notify('events_appended', '')").await;
    rung.changed().await.unwrap();
    hearing.abort();
}

#[tokio::test]
async fn a_lock_on_a_former_primary_is_given_back() {
    let bank = Bank::new().await;
    let database = &bank.services.database;
    let running = bank.services.follow();
    let mut owner = connect(&bank.url).await;
    // Of the balances and of the transfers.
    let old = until_others(&mut owner, LOCKS, 2, &BTreeSet::new()).await;
    database.evict_for(&refused(&mut owner).await);
    until_others(&mut owner, LOCKS, 2, &old).await;
    running.stop().await;
}
