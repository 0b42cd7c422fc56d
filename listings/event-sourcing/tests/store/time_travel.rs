//! Accounts as they were (T1 to T3 of the testing page).

use event_sourcing::{
    accounts::Loaded,
    codec,
    domain::{AccountId, Command},
    store::Expected,
};
use proptest::{collection::vec, prelude::*};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use tokio::{runtime::Runtime, sync::Mutex};
use uuid::Uuid;

use crate::harness::{Bank, connect, euros, number, run, services, until};

#[tokio::test]
async fn as_of_a_version_is_the_sum_of_the_events_up_to_it() {
    let bank = Bank::with(&[("SNAPSHOT_EVERY", "3")]).await;
    let account = bank.open_account().await;
    for minor in 1..=10 {
        let amount = euros(minor);
        let deposit = Command::Deposit { amount };
        bank.execute(account, deposit).await.unwrap();
    }
    let mut owner = connect(&bank.url).await;
    let kept = "SELECT count(*) FROM snapshots";
    until(async || number(&mut owner, kept).await == 3).await;
    let without = services(&bank.url, &[("SNAPSHOT_EVERY", "0")]).await;
    let mut sum = Loaded::default();
    for event in bank.events(account.0).await {
        let decoded = codec::decode(&event).unwrap();
        sum = Loaded {
            account: sum.account.evolve(&decoded).unwrap(),
            head: event.head(),
        };
        for accounts in [&bank.services.accounts, &without.accounts] {
            let then = accounts.load_as_of(account, event.version).await;
            assert_eq!(then.unwrap(), sum);
        }
    }
}

#[tokio::test]
async fn before_the_first_event_there_was_no_account() {
    let bank = Bank::new().await;
    let accounts = &bank.services.accounts;
    let account = bank.open_account().await;
    bank.append(account.0, Expected::Any, &[1, 2])
        .await
        .unwrap();
    for (account, version) in [
        (account, 0),
        (account, -1),
        (account, i64::MIN),
        (AccountId::random(), 1),
    ] {
        let then = accounts.load_as_of(account, version).await.unwrap();
        assert_eq!(then, Loaded::default());
    }
    // After the last one it is what it is now.
    let now = accounts.load(account).await.unwrap();
    let then = accounts.load_as_of(account, 99).await.unwrap();
    assert_eq!(then, now);
}

/// A stream whose events were recorded so many seconds after the epoch.
async fn stream_recorded_at(
    bank: &Bank,
    owner: &mut PgConnection,
    seconds: &[i64],
) -> Uuid {
    let stream = Uuid::now_v7();
    let amounts = vec![1; seconds.len()];
    bank.append(stream, Expected::Any, &amounts).await.unwrap();
    let times = format!(
        "UPDATE events SET recorded_at = to_timestamp(seconds)
         FROM unnest(ARRAY{seconds:?}) WITH ORDINALITY AS it (seconds, version)
         WHERE stream_id = '{stream}' AND events.version = it.version"
    );
    run(owner, &times).await;
    stream
}

/// Somebody who sets the clocks of writers.
async fn owner(bank: &Bank) -> PgConnection {
    let mut owner = connect(&bank.url).await;
    run(&mut owner, "ALTER TABLE events DISABLE TRIGGER USER").await;
    owner
}

fn second(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
}

#[tokio::test]
async fn the_last_version_whose_time_had_come_counts() {
    let bank = Bank::new().await;
    let mut owner = owner(&bank).await;
    // The fourth writer's clock was behind.
    let clocks = [10, 20, 20, 15, 30];
    let stream = stream_recorded_at(&bank, &mut owner, &clocks).await;
    let store = &bank.services.store;
    for (time, version) in [
        (0, None),
        (9, None),
        (10, Some(1)),
        (14, Some(1)),
        (15, Some(4)),
        (20, Some(4)),
        (29, Some(4)),
        (30, Some(5)),
        (1_000_000_000, Some(5)),
    ] {
        let found = store.version_at(stream, second(time)).await.unwrap();
        assert_eq!(found, version, "{time}");
    }
    let nobody = store.version_at(Uuid::now_v7(), second(30)).await.unwrap();
    assert_eq!(nobody, None);
}

#[test]
fn time_does_not_run_backwards() {
    let runtime = Runtime::new().unwrap();
    let bank = runtime.block_on(Bank::new());
    let owner = Mutex::new(runtime.block_on(owner(&bank)));
    let store = &bank.services.store;
    let cases = ProptestConfig::with_cases(40);
    proptest!(cases, |(clocks in vec(0..12_i64, 1..9))| {
        runtime.block_on(async {
            let owner = &mut *owner.lock().await;
            let stream = stream_recorded_at(&bank, owner, &clocks).await;
            let mut last = None;
            for time in -1..=12 {
                let found = store.version_at(stream, second(time)).await;
                let found = found.unwrap();
                prop_assert!(found >= last, "{} {:?}", time, found);
                last = found;
            }
            prop_assert_eq!(last, Some(clocks.len() as i64));
            Ok(())
        })?;
    });
}
