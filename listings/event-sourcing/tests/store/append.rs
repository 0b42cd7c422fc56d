//! Appending, case by case (A1 to A5, A10 and A12 of the testing page).

use event_sourcing::{
    codec,
    domain::{Account, Command},
    store::{Append, AppendError, Expected, Head, NotStorable, Verdict},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Bank, cause, deposits, euros};

#[tokio::test]
async fn a_new_stream_counts_from_one() {
    let bank = Bank::new().await;
    for amounts in [&[1][..], &[1, 2, 3]] {
        let stream = Uuid::now_v7();
        let head = bank.append(stream, Expected::NoStream, amounts).await;
        let head = head.unwrap();
        let events = bank.events(stream).await;
        let versions: Vec<_> = events.iter().map(|it| it.version).collect();
        let expected: Vec<_> = (1..=amounts.len() as i64).collect();
        assert_eq!(versions, expected);
        assert_eq!(events.last().unwrap().head(), head);
        let verdict = bank.services.store.verify(stream).await.unwrap();
        assert_eq!(verdict, Verdict::Sound(head));
    }
}

/// Asserts that an append lost against `actual`.
fn assert_conflict(result: Result<Head, AppendError>, from: i64, to: i64) {
    let Err(AppendError::Conflict { expected, actual }) = result else {
        panic!("no conflict: {result:?}");
    };
    assert_eq!((expected, actual), (from, to));
}

#[tokio::test]
async fn a_writer_that_expects_no_stream_conflicts_with_one() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    let append = || bank.append(stream, Expected::NoStream, &[1, 2]);
    append().await.unwrap();
    assert_conflict(append().await, 0, 2);
    assert_eq!(bank.events(stream).await.len(), 2);
}

#[tokio::test]
async fn a_writer_that_expects_a_stream_conflicts_with_none() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    for version in [1, 7, -1] {
        let expected = Expected::Version(version);
        let result = bank.append(stream, expected, &[1]).await;
        assert_conflict(result, version, 0);
    }
    // Past the look at the head, into the statement itself.
    let believed = Head {
        version: 3,
        hash: Default::default(),
    };
    let events = deposits(&[1]);
    let append = Append {
        stream,
        head: believed,
        events: &events,
        answer: None,
    };
    let result = bank.services.store.append(&[append], &cause()).await;
    assert_conflict(result.map(|heads| heads[0]), 3, 0);
    assert!(bank.events(stream).await.is_empty());
}

#[tokio::test]
async fn a_writer_that_is_behind_or_ahead_writes_nothing() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    let any = Expected::Any;
    let head = bank.append(stream, any, &[1, 2, 3]).await.unwrap();
    for version in [0, 2, 4] {
        let expected = Expected::Version(version);
        assert_conflict(bank.append(stream, expected, &[9]).await, version, 3);
        let events = deposits(&[9]);
        let append = Append {
            stream,
            head: Head { version, ..head },
            events: &events,
            answer: None,
        };
        let result = bank.services.store.append(&[append], &cause()).await;
        assert_conflict(result.map(|heads| heads[0]), version, 3);
    }
    assert_eq!(bank.events(stream).await.len(), 3);
    assert_eq!(bank.services.store.head(stream).await.unwrap(), head);
    let expected = Expected::Version(3);
    let head = bank.append(stream, expected, &[4]).await.unwrap();
    assert_eq!(head.version, 4);
}

#[tokio::test]
async fn an_empty_batch_only_checks_the_version() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    let append = |expected| bank.append(stream, expected, &[]);
    assert_eq!(append(Expected::NoStream).await.unwrap(), Head::NONE);
    let any = Expected::Any;
    let head = bank.append(stream, any, &[1, 2]).await.unwrap();
    assert_eq!(append(Expected::Version(2)).await.unwrap(), head);
    assert_eq!(append(Expected::Any).await.unwrap(), head);
    assert_conflict(append(Expected::Version(1)).await, 1, 2);
    assert_conflict(append(Expected::NoStream).await, 0, 2);
    assert_eq!(bank.events(stream).await.len(), 2);
}

#[tokio::test]
async fn an_event_that_would_not_come_back_stops_the_batch() {
    let bank = Bank::new().await;
    let (store, any) = (&bank.services.store, Expected::Any);
    let stream = Uuid::now_v7();
    let head = bank.append(stream, any, &[1]).await.unwrap();
    let fraction: Value = serde_json::from_str("1.0").unwrap();
    let large: Value = serde_json::from_str("18446744073709551616").unwrap();
    for (payload, reason) in [
        (json!({ "amount": 0.5 }), NotStorable::Fraction),
        (json!([[{ "deep": fraction }]]), NotStorable::Fraction),
        (json!([large]), NotStorable::Fraction),
        (json!({ "reason": "a\0b" }), NotStorable::Nul),
        (json!({ "a\0b": 1 }), NotStorable::Nul),
    ] {
        let mut events = deposits(&[1, 2, 3]);
        events[1].payload = payload;
        let result = store.append_to(stream, any, &events, &cause()).await;
        match result {
            Err(AppendError::NotStorable {
                index: 1,
                reason: found,
            }) => {
                assert_eq!(found, reason);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(store.head(stream).await.unwrap(), head);
    }
    assert_eq!(bank.append(stream, any, &[2]).await.unwrap().version, 2);
}

#[tokio::test]
async fn a_batch_is_in_the_feed_in_its_own_order() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    let many: Vec<_> = (1..=100).collect();
    bank.append(stream, Expected::Any, &many).await.unwrap();
    let events = bank.events(stream).await;
    assert!(events.is_sorted_by(|a, b| a.position < b.position));
    assert!(events.iter().all(|it| it.tx_id == events[0].tx_id));
    let amounts: Vec<_> =
        events.iter().map(|it| codec::decode(it).unwrap()).collect();
    let expected: Vec<_> = many
        .into_iter()
        .map(|minor| event_sourcing::domain::AccountEvent::Deposited {
            amount: euros(minor),
        })
        .collect();
    assert_eq!(amounts, expected);
}

#[tokio::test]
async fn a_deposit_is_in_the_account() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    let reply = bank
        .execute(account, Command::Deposit { amount: euros(500) })
        .await
        .unwrap();
    assert_eq!(reply.version, 2);
    let loaded = bank.services.accounts.load(account).await.unwrap();
    let Account::Open(open) = loaded.account else {
        panic!("not open");
    };
    assert_eq!(open.balance, euros(500));
}
