//! Appending, case by case (A1 to A14 of the testing page).

use event_sourcing::{
    domain::{Account, Command},
    store::{AppendError, Expected, Verdict},
};
use uuid::Uuid;

use crate::harness::{Bank, cause, deposits, euros};

#[tokio::test]
async fn a_new_stream_counts_from_one() {
    let bank = Bank::new().await;
    let store = &bank.services.store;
    let stream = Uuid::now_v7();
    let events = deposits(&[1, 2, 3]);
    let head = store
        .append_to(stream, Expected::NoStream, &events, &cause())
        .await
        .unwrap();
    assert_eq!(head.version, 3);
    let read = store.read(stream, 1..=i64::MAX, 100).await.unwrap();
    let versions: Vec<_> = read.iter().map(|event| event.version).collect();
    assert_eq!(versions, [1, 2, 3]);
    assert_eq!(store.verify(stream).await.unwrap(), Verdict::Sound(head));
}

#[tokio::test]
async fn a_writer_that_expects_no_stream_conflicts_with_one() {
    let bank = Bank::new().await;
    let store = &bank.services.store;
    let stream = Uuid::now_v7();
    let append = |expected| {
        let events = deposits(&[1]);
        async move { store.append_to(stream, expected, &events, &cause()).await }
    };
    append(Expected::NoStream).await.unwrap();
    let error = append(Expected::NoStream).await.unwrap_err();
    assert!(matches!(
        error,
        AppendError::Conflict {
            expected: 0,
            actual: 1
        }
    ));
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
