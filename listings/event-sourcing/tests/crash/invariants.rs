//! What is true in the end, whoever was killed.

use std::collections::{BTreeMap, BTreeSet};

use event_sourcing::bank::RequestKey;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    bank::{connect, until},
    commands::{Wish, client, get},
    ledger::{Account, Event, Ledger, events},
    load::Record,
};

// ANCHOR: invariants
/// Waits until nothing moves any more, and compares: the log with itself,
/// with what the clients know, and with what readers are shown.
pub(crate) async fn hold(database: &str, bank: &str, record: &Record) {
    quiescence(database).await;
    let mut database = connect(database).await;
    let log = events(&mut database).await;

    // No gap, no balance below zero, no cent made or lost, at any time.
    let mut ledger = Ledger::default();
    for transaction in log.chunk_by(|one, next| one.tx_id == next.tx_id) {
        for event in transaction {
            ledger.enter(event);
        }
        ledger.balance();
    }
    // Every transfer has come to its end.
    assert_eq!(ledger.unsettled, BTreeSet::new());
    assert_eq!(ledger.paid_in, paid_in(record));

    // One command for each acknowledged request, and no other command.
    let answers = answers(&mut database).await;
    let commands = commands(&log);
    assert_eq!(answers.len(), record.acknowledged.len());
    assert_eq!(commands.len(), record.acknowledged.len());
    for known in &record.acknowledged {
        let kept = &answers[&stored_key(known.request.key)];
        assert_eq!(kept.response, known.answer.body, "{known:?}");
        assert_eq!(kept.version, known.answer.version(), "{known:?}");
        let events = commands[&kept.command_id];
        assert_eq!(events, known.request.wish.events(), "{known:?}");
    }

    // The read model is the sum of the log, and the chain is whole.
    assert_eq!(read_model(&mut database).await, ledger.accounts);
    for (id, account) in &ledger.accounts {
        audit(bank, *id, account.version).await;
    }
    println!("{}", summary(record, &answers, log.len()));
}
// ANCHOR_END: invariants

/// Waits until both subscribers have processed as many events as there are,
/// and no transfer is held. Then nobody has a reason to write another one.
async fn quiescence(url: &str) {
    let is_quiet = async || {
        let subscribers = sqlx::query_as(
            "SELECT processed = (SELECT count(*) FROM events)
                    AND NOT EXISTS (SELECT FROM held_transfers),
                    stopped
             FROM projections",
        );
        let subscribers: Vec<(bool, Option<String>)> = subscribers
            .fetch_all(&mut connect(url).await)
            .await
            .unwrap();
        for (_, stopped) in &subscribers {
            assert_eq!(*stopped, None, "a subscriber has stopped");
        }
        subscribers.len() == 2 && subscribers.iter().all(|(done, _)| *done)
    };
    until("all events are processed", is_quiet).await;
}

fn paid_in(record: &Record) -> i64 {
    let wishes = record.acknowledged.iter().map(|it| it.request.wish);
    let amounts = wishes.map(|wish| match wish {
        Wish::Deposit(minor) => minor,
        Wish::Withdraw(minor) => -minor,
        _ => 0,
    });
    amounts.sum()
}

/// What is kept under a key.
#[derive(Debug, FromRow)]
struct Kept {
    key: Uuid,
    version: i64,
    response: String,
    created_at: OffsetDateTime,
    /// The command that has written the event of that version.
    command_id: Uuid,
}

/// Under which name the bank keeps a client's key.
pub(crate) fn stored_key(key: Uuid) -> Uuid {
    RequestKey::of_client(key, [0; 32]).key
}

/// The answers to clients, by the names of their keys.
async fn answers(database: &mut PgConnection) -> BTreeMap<Uuid, Kept> {
    let query = sqlx::query_as::<_, Kept>(
        "SELECT k.key, k.version, k.response, k.created_at,
                (e.metadata->>'command_id')::uuid AS command_id
         FROM idempotency_keys k JOIN events e USING (stream_id, version)
         WHERE e.metadata->>'actor' = 'api'",
    );
    let kept = query.fetch_all(database).await.unwrap();
    kept.into_iter().map(|kept| (kept.key, kept)).collect()
}

/// How many events each command of a client has written.
fn commands(log: &[Event]) -> BTreeMap<Uuid, i64> {
    let mut commands = BTreeMap::new();
    for event in log.iter().filter(|event| event.actor == "api") {
        *commands.entry(event.command_id).or_default() += 1;
    }
    commands
}

async fn read_model(database: &mut PgConnection) -> BTreeMap<Uuid, Account> {
    let query = sqlx::query_as(
        "SELECT b.account_id, b.version, b.minor, b.status = 'closed'
         FROM account_balances b JOIN projections p USING (revision)
         WHERE p.name = 'balances' AND p.status = 'live'",
    );
    let rows: Vec<(Uuid, i64, i64, bool)> =
        query.fetch_all(database).await.unwrap();
    let accounts = rows.into_iter().map(|(id, version, minor, is_closed)| {
        let account = Account {
            version,
            minor,
            is_closed,
        };
        (id, account)
    });
    accounts.collect()
}

async fn audit(bank: &str, id: Uuid, version: i64) {
    let path = format!("/accounts/{id}/audit");
    let audit = get(&client(), bank, &path).await.unwrap().json();
    assert_eq!(audit["verified"], true, "{audit}");
    assert_eq!(audit["version"], version, "{audit}");
}

fn summary(
    record: &Record,
    answers: &BTreeMap<Uuid, Kept>,
    events: usize,
) -> String {
    // Answers that were stored before the request was sent for the last time.
    let lost = record.acknowledged.iter().filter(|known| {
        let kept = &answers[&stored_key(known.request.key)];
        known.repeated.is_some_and(|sent| kept.created_at < sent)
    });
    format!(
        "{events} events; {} commands acknowledged, {} of them by an answer \
         that was lost at first; {} refused; {} requests without an answer; \
         statuses {:?}",
        record.acknowledged.len(),
        lost.count(),
        record.refused,
        record.broken,
        record.statuses,
    )
}
