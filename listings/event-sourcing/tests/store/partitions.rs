//! The log keeps its promises when it is cut into partitions.

use std::time::Duration;

use event_sourcing::{
    domain::{AccountId, Command},
    store::{AppendError, Expected, FeedCursor, Verdict},
};
use sqlx::{Connection, Row};
use tokio::time::{sleep, timeout};

use crate::harness::{Bank, DEADLINE, cause, connect, deposits, euros};

const SCRIPT: &str = include_str!("../../deploy/partition.sql");

/// A bank with some history, then cut into partitions.
async fn partitioned() -> (Bank, Vec<AccountId>) {
    let bank = Bank::new().await;
    let mut accounts = Vec::new();
    for _ in 0..20 {
        let account = bank.open_account().await;
        deposit(&bank, account).await;
        accounts.push(account);
    }
    let mut owner = connect(&bank.url).await;
    sqlx::raw_sql(SCRIPT).execute(&mut owner).await.unwrap();
    owner.close().await.unwrap();
    // Statements that were prepared before know the old table.
    let bank = Bank {
        services: crate::harness::services(&bank.url, &[]).await,
        url: bank.url,
    };
    (bank, accounts)
}

async fn deposit(bank: &Bank, account: AccountId) {
    let command = Command::Deposit { amount: euros(5) };
    bank.execute(account, command).await.unwrap();
}

#[tokio::test]
async fn a_partitioned_log_goes_on_where_it_was() {
    let (bank, accounts) = partitioned().await;
    let store = &bank.services.store;
    for account in &accounts {
        deposit(&bank, *account).await;
        let verdict = store.verify(account.0).await.unwrap();
        assert!(matches!(verdict, Verdict::Sound(head) if head.version == 3));
    }
    // A transaction of another test, in another database of the cluster,
    // holds the fence back: wait for it.
    let feed = timeout(DEADLINE, async {
        loop {
            let (feed, _) = store.feed(FeedCursor::START, 99).await.unwrap();
            if feed.len() == 3 * accounts.len() {
                return feed;
            }
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    assert!(feed.is_sorted_by_key(|event| event.cursor()));
}

#[tokio::test]
async fn a_partitioned_log_knows_conflicts_and_duplicates() {
    let (bank, accounts) = partitioned().await;
    let store = &bank.services.store;
    let stream = accounts[0].0;
    let events = deposits(&[1]);
    let append = |expected| {
        let events = events.clone();
        async move { store.append_to(stream, expected, &events, &cause()).await }
    };
    append(Expected::Version(2)).await.unwrap();
    let conflict = append(Expected::Version(2)).await.unwrap_err();
    assert!(matches!(conflict, AppendError::Conflict { .. }));
    let duplicate = append(Expected::Version(3)).await.unwrap_err();
    assert!(
        matches!(duplicate, AppendError::DuplicateEvent),
        "{duplicate:?}"
    );
}

#[tokio::test]
async fn nobody_rewrites_a_partition() {
    let (bank, _) = partitioned().await;
    let mut owner = connect(&bank.url).await;
    for statement in [
        "UPDATE events SET version = 9",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE events_3 SET version = 9",
        "DELETE FROM events_3",
        "TRUNCATE events_3",
    ] {
        let result = sqlx::raw_sql(statement).execute(&mut owner).await;
        let error = result.unwrap_err();
        let code = error.as_database_error().unwrap().code();
        assert_eq!(code.as_deref(), Some("23001"), "{statement}");
    }
}

#[tokio::test]
async fn the_feed_of_a_partitioned_log_needs_no_sort() {
    let (bank, _) = partitioned().await;
    let mut owner = connect(&bank.url).await;
    let plan = sqlx::query(
        "EXPLAIN SELECT e.payload FROM events e
         WHERE (e.tx_id, e.position) > (5, 5)
           AND e.tx_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         ORDER BY e.tx_id, e.position LIMIT 100",
    );
    // Of a small table the planner would rather sort the rows than follow
    // the index: the question is whether it has to.
    let settings = "SET enable_seqscan = off; SET enable_bitmapscan = off;
                    SET enable_sort = off";
    sqlx::raw_sql(settings).execute(&mut owner).await.unwrap();
    let plan = plan.fetch_all(&mut owner).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("Merge Append"), "{plan}");
    assert!(!plan.contains("Sort Method"), "{plan}");
    assert!(!plan.contains("->  Sort"), "{plan}");
}
