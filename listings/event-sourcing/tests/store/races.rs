//! Writers against each other (A6 to A9), and appends to two streams.

use event_sourcing::store::{
    Answer, Append, AppendError, Expected, Head, NewEvent, Verdict,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::{Bank, cause, connect, deposits, number, run};

/// Lets `writers` append at the same time, and returns what each one got.
async fn race(
    bank: &Bank,
    stream: Uuid,
    writers: usize,
    expected: Expected,
    events: usize,
) -> Vec<Result<Head, AppendError>> {
    let mut tasks = JoinSet::new();
    for _ in 0..writers {
        let store = bank.services.store.clone();
        tasks.spawn(async move {
            let events = deposits(&vec![1; events]);
            store.append_to(stream, expected, &events, &cause()).await
        });
    }
    tasks.join_all().await
}

fn winners(results: &[Result<Head, AppendError>]) -> usize {
    for result in results {
        let lost = matches!(result, Err(AppendError::Conflict { .. }));
        assert!(result.is_ok() || lost, "{result:?}");
    }
    results.iter().filter(|result| result.is_ok()).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_with_one_version_one_wins() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    for version in 0..20 {
        let expected = Expected::Version(version);
        let results = race(&bank, stream, 2, expected, 1).await;
        assert_eq!(winners(&results), 1);
    }
    assert_eq!(bank.events(stream).await.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_five_batches_with_one_version_one_is_written() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    for round in 0..4 {
        let expected = Expected::Version(round * 10);
        let results = race(&bank, stream, 5, expected, 10).await;
        assert_eq!(winners(&results), 1);
        let events = bank.events(stream).await;
        assert_eq!(events.len() as i64, (round + 1) * 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_to_any_version_all_succeed() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    let results = race(&bank, stream, 20, Expected::Any, 1).await;
    assert_eq!(winners(&results), 20);
    let mut ends: Vec<_> = results
        .into_iter()
        .map(|result| result.unwrap().version)
        .collect();
    ends.sort_unstable();
    let all: Vec<_> = (1..=20).collect();
    assert_eq!(ends, all);
    let events = bank.events(stream).await;
    assert!(events.iter().map(|event| event.version).eq(1..=20));
    let verdict = bank.services.store.verify(stream).await.unwrap();
    assert!(matches!(verdict, Verdict::Sound(head) if head.version == 20));
}

#[tokio::test]
async fn an_event_is_stored_once() {
    let bank = Bank::new().await;
    let store = &bank.services.store;
    let (stream, other) = (Uuid::now_v7(), Uuid::now_v7());
    let events = deposits(&[1, 2]);
    let append = async |stream, events: &[NewEvent]| {
        let any = Expected::Any;
        store.append_to(stream, any, events, &cause()).await
    };
    append(stream, &events).await.unwrap();
    let again = [deposits(&[3]).remove(0), events[1].clone()];
    let twice = [again[0].clone(), again[0].clone()];
    for (to, batch) in [(stream, &again), (other, &again), (other, &twice)] {
        let error = append(to, batch).await.unwrap_err();
        assert!(matches!(error, AppendError::DuplicateEvent), "{error:?}");
    }
    assert!(bank.events(other).await.is_empty());
    assert_eq!(store.head(other).await.unwrap(), Head::NONE);
    // The version was not used up.
    let head = append(stream, &again[..1]).await.unwrap();
    assert_eq!(head.version, 3);
}

/// An append to the end of `stream`, with an answer if there is a key.
async fn keep(
    bank: &Bank,
    stream: Uuid,
    key: Option<Uuid>,
) -> Result<Head, AppendError> {
    let store = &bank.services.store;
    let answer = key.map(|key| Answer {
        key,
        request_hash: [7; 32],
        status: 201,
        response: "{}".to_owned(),
    });
    let append = Append {
        stream,
        head: store.head(stream).await?,
        events: &deposits(&[1]),
        answer: answer.as_ref(),
    };
    Ok(store.append(&[append], &cause()).await?[0])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_used_once() {
    let bank = std::sync::Arc::new(Bank::new().await);
    let key = Uuid::now_v7();
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let bank = bank.clone();
        tasks
            .spawn(async move { keep(&bank, Uuid::now_v7(), Some(key)).await });
    }
    let results = tasks.join_all().await;
    let used = |it: &&_| matches!(it, Err(AppendError::KeyUsed));
    assert_eq!(results.iter().filter(used).count(), 15, "{results:?}");
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1);
    let mut connection = connect(&bank.url).await;
    for table in ["events", "streams", "idempotency_keys"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(number(&mut connection, &count).await, 1, "{table}");
    }
}

#[tokio::test]
async fn a_key_in_use_is_not_waited_for_for_ever() {
    let bank = Bank::new().await;
    let key = Uuid::now_v7();
    let mut other = connect(&bank.url).await;
    let insert = format!(
        "BEGIN; INSERT INTO idempotency_keys VALUES ('{key}',
         sha256('x'), '{key}', 1, 201, '{{}}')"
    );
    run(&mut other, &insert).await;
    let stream = Uuid::now_v7();
    let error = keep(&bank, stream, Some(key)).await.unwrap_err();
    assert!(matches!(error, AppendError::KeyInUse), "{error:?}");
    assert!(bank.events(stream).await.is_empty());
    run(&mut other, "ROLLBACK").await;
    keep(&bank, stream, Some(key)).await.unwrap();
}

#[tokio::test]
async fn two_streams_are_written_together_or_not_at_all() {
    let bank = Bank::new().await;
    let store = &bank.services.store;
    // In both orders of their ids, and with either of them stale.
    for swapped in [false, true] {
        let (mut a, mut b) = (Uuid::now_v7(), Uuid::now_v7());
        if swapped {
            (a, b) = (b, a);
        }
        let (one, two) = (deposits(&[1]), deposits(&[2, 3]));
        let append = |stream, head, events| Append {
            stream,
            head,
            events,
            answer: None,
        };
        let both = [append(a, Head::NONE, &one), append(b, Head::NONE, &two)];
        let heads = store.append(&both, &cause()).await.unwrap();
        assert_eq!(heads[0], store.head(a).await.unwrap());
        assert_eq!(heads[1], store.head(b).await.unwrap());
        let (first, second) = (bank.events(a).await, bank.events(b).await);
        assert_eq!(first[0].tx_id, second[1].tx_id);

        let (one, two) = (deposits(&[4]), deposits(&[5]));
        for (at_a, at_b) in [(heads[0], Head::NONE), (Head::NONE, heads[1])] {
            let stale = [append(a, at_a, &one), append(b, at_b, &two)];
            let error = store.append(&stale, &cause()).await.unwrap_err();
            assert!(matches!(error, AppendError::Conflict { expected: 0, .. }));
        }
        assert_eq!(bank.events(a).await.len(), 1);
        assert_eq!(bank.events(b).await.len(), 2);
    }
}
