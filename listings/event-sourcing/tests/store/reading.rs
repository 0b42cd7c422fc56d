//! Reading streams (A13), and what cannot be read (A14).

use std::ops::RangeInclusive;

use event_sourcing::{
    accounts::LoadError,
    codec::Unreadable,
    domain::{AccountId, Command, ImpossibleEvent},
    store::{Expected, PAGE},
};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Bank, cause, connect, deposits, euros, run};

#[tokio::test]
async fn a_range_of_versions_is_read_in_order() {
    let bank = Bank::new().await;
    let store = &bank.services.store;
    let stream = Uuid::now_v7();
    let six = [1, 2, 3, 4, 5, 6];
    bank.append(stream, Expected::Any, &six).await.unwrap();
    let read = async |stream, versions: RangeInclusive<i64>, limit| {
        let events = store.read(stream, versions, limit).await.unwrap();
        events.iter().map(|it| it.version).collect::<Vec<_>>()
    };
    let most = i64::MAX;
    assert_eq!(read(stream, 1..=most, 100).await, six);
    assert_eq!(read(stream, i64::MIN..=most, 100).await, six);
    assert_eq!(read(stream, 4..=most, 100).await, [4, 5, 6]);
    assert_eq!(read(stream, 0..=2, 100).await, [1, 2]);
    assert_eq!(read(stream, 2..=4, 100).await, [2, 3, 4]);
    assert_eq!(read(stream, 2..=5, 3).await, [2, 3, 4]);
    assert_eq!(read(stream, 3..=3, 100).await, [3]);
    for (versions, limit) in [
        (1..=most, 0),
        (1..=most, -1),
        (RangeInclusive::new(4, 2), 100),
        (7..=most, 100),
        (i64::MIN..=0, 100),
    ] {
        assert!(read(stream, versions.clone(), limit).await.is_empty());
        assert!(read(Uuid::now_v7(), versions, limit).await.is_empty());
    }
}

#[tokio::test]
async fn an_account_longer_than_a_page_is_loaded_whole() {
    let bank = Bank::with(&[("SNAPSHOT_EVERY", "0")]).await;
    let account = bank.open_account().await;
    // So that the last page is full, and the end of it is the end of all.
    let amounts = vec![1; 2 * PAGE as usize - 1];
    let head = bank.append(account.0, Expected::Any, &amounts).await;
    let loaded = bank.services.accounts.load(account).await.unwrap();
    assert_eq!(loaded.head, head.unwrap());
    let command = Command::Withdraw {
        amount: euros(amounts.len() as i64),
    };
    bank.execute(account, command).await.unwrap();
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_not_skipped() {
    let bank = Bank::new().await;
    let store = &bank.services.store;
    let euro = json!({ "amount": { "minor": 1, "currency": "EUR" } });
    for (event_type, schema_version, payload, reason) in [
        ("MoneyBurnt", 1, euro.clone(), Unreadable::UnknownType),
        ("MoneyDeposited", 4, euro.clone(), Unreadable::TooNew),
        ("MoneyDeposited", 3, json!({}), Unreadable::Malformed),
    ] {
        let account = bank.open_account().await;
        let mut events = deposits(&[1, 2, 3]);
        events[1].event_type = event_type;
        events[1].schema_version = schema_version;
        events[1].payload = payload;
        store
            .append_to(account.0, Expected::Any, &events, &cause())
            .await
            .unwrap();
        let error = bank.services.accounts.load(account).await.unwrap_err();
        let LoadError::Decode(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!((error.stream, error.version), (account.0, 3));
        assert_eq!(error.event_type, event_type);
        assert_eq!(error.schema_version, schema_version);
        assert_eq!(error.reason, reason);
        // Up to there, all is well. No command gets past it.
        bank.services.accounts.load_as_of(account, 2).await.unwrap();
        let command = Command::Deposit { amount: euros(1) };
        assert!(bank.execute(account, command).await.is_err());
    }
}

#[tokio::test]
async fn an_event_that_cannot_have_happened_is_not_skipped() {
    let bank = Bank::new().await;
    let account = AccountId::random();
    bank.append(account.0, Expected::Any, &[1]).await.unwrap();
    let error = bank.services.accounts.load(account).await.unwrap_err();
    let LoadError::Impossible {
        version: 1,
        reason: ImpossibleEvent::OutOfPlace,
        ..
    } = error
    else {
        panic!("{error:?}");
    };
}

#[tokio::test]
async fn an_account_without_one_of_its_events_is_not_loaded() {
    let bank = Bank::new().await;
    let account = bank.open_account().await;
    bank.append(account.0, Expected::Any, &[1, 2])
        .await
        .unwrap();
    let mut owner = connect(&bank.url).await;
    let lose = format!(
        "ALTER TABLE events DISABLE TRIGGER USER;
         DELETE FROM events WHERE stream_id = '{account}' AND version = 2"
    );
    run(&mut owner, &lose).await;
    let error = bank.services.accounts.load(account).await.unwrap_err();
    let LoadError::Missing { version: 2, .. } = error else {
        panic!("{error:?}");
    };
}
