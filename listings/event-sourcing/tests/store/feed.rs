//! The feed, interleaving by interleaving (F1 to F8, F11).

use event_sourcing::{
    projections::Projections,
    services::StartError,
    store::{Expected, FeedCursor, RecordedEvent, RestoredFromTheFuture},
};
use uuid::Uuid;

use crate::{
    following::{Hand, caught_up, feed, read, status},
    harness::{Bank, connect, run, try_services, until},
};

fn ids(events: &[RecordedEvent]) -> Vec<Uuid> {
    events.iter().map(|event| event.event_id).collect()
}

/// Waits until the feed shows these events, in this order. Transactions of
/// other tests hold the fence back, too.
async fn until_feed_is(bank: &Bank, expected: &[Uuid]) {
    until(async || ids(&feed(bank, 100).await) == expected).await;
}

/// A reader who trusts positions alone.
async fn naive(bank: &Bank, after: i64) -> Vec<(i64, Uuid)> {
    let page = "SELECT position, event_id FROM events
         WHERE position > $1 ORDER BY position";
    let mut connection = connect(&bank.url).await;
    let page = sqlx::query_as(page).bind(after);
    page.fetch_all(&mut connection).await.unwrap()
}

#[tokio::test]
async fn the_feed_is_in_the_order_of_transactions_not_of_positions() {
    let bank = Bank::new().await;
    let mut first = Hand::begin(&bank).await;
    let mut second = Hand::begin(&bank).await;
    let late = second.write(Uuid::now_v7(), 1).await;
    second.commit().await;
    let early = first.write(Uuid::now_v7(), 1).await;
    first.commit().await;
    until_feed_is(&bank, &[early, late]).await;
    let events = feed(&bank, 100).await;
    assert!(events[0].position > events[1].position);
}

#[tokio::test]
async fn an_open_transaction_hides_what_is_newer() {
    let bank = Bank::new().await;
    let mut open = Hand::begin(&bank).await;
    let mut newer = Hand::begin(&bank).await;
    let second = newer.write(Uuid::now_v7(), 1).await;
    newer.commit().await;
    assert!(feed(&bank, 100).await.is_empty());
    let behind = bank.services.store.behind(FeedCursor::START, 10).await;
    assert_eq!(behind.unwrap(), 1, "hidden, and yet to come");
    let first = open.write(Uuid::now_v7(), 1).await;
    assert!(feed(&bank, 100).await.is_empty());
    open.commit().await;
    until_feed_is(&bank, &[first, second]).await;
}

/// Also what happens to a naive reader: the control of this file.
#[tokio::test]
async fn who_writes_first_and_commits_last_is_not_skipped() {
    let bank = Bank::new().await;
    let mut slow = Hand::begin(&bank).await;
    let mut slower = Hand::begin(&bank).await;
    let (one, two) = (Uuid::now_v7(), Uuid::now_v7());
    let mut expected =
        vec![slow.write(one, 1).await, slower.write(two, 1).await];
    let mut fast = Hand::begin(&bank).await;
    let seen = fast.write(Uuid::now_v7(), 1).await;
    fast.commit().await;

    let page = naive(&bank, 0).await;
    assert_eq!(page.len(), 1, "the naive reader sees what is there");
    assert!(feed(&bank, 100).await.is_empty(), "ours waits");

    expected.insert(1, slow.write(one, 2).await);
    expected.push(slower.write(two, 2).await);
    slower.commit().await;
    slow.commit().await;
    let missed = naive(&bank, page[0].0).await;
    let missed: Vec<_> = missed.iter().map(|(_, id)| *id).collect();
    assert!(
        !missed.contains(&expected[0]),
        "lost for ever, by the naive"
    );
    assert!(
        !missed.contains(&expected[2]),
        "lost for ever, by the naive"
    );

    expected.push(seen);
    until_feed_is(&bank, &expected).await;
}

#[tokio::test]
async fn a_gap_left_by_a_rollback_stops_nobody() {
    let bank = Bank::new().await;
    let mut gone = Hand::begin(&bank).await;
    gone.write(Uuid::now_v7(), 1).await;
    let mut stays = Hand::begin(&bank).await;
    let event = stays.write(Uuid::now_v7(), 1).await;
    stays.commit().await;
    gone.roll_back().await;
    until_feed_is(&bank, &[event]).await;
}

#[tokio::test]
async fn a_transaction_of_several_events_is_continued_where_a_page_ends() {
    let bank = Bank::new().await;
    let stream = Uuid::now_v7();
    let none = Expected::NoStream;
    bank.append(stream, none, &[1, 2, 3, 4, 5]).await.unwrap();
    until(async || feed(&bank, 100).await.len() == 5).await;
    let store = &bank.services.store;
    let (page, _) = store.feed(FeedCursor::START, 2).await.unwrap();
    let (rest, _) = store.feed(page[1].cursor(), 100).await.unwrap();
    let versions = page.iter().chain(&rest).map(|event| event.version);
    assert_eq!(versions.collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let (none, _) = store.feed(rest[2].cursor(), 100).await.unwrap();
    assert!(none.is_empty(), "nothing comes twice");
}

#[tokio::test]
async fn the_size_of_a_page_changes_nothing() {
    let bank = Bank::new().await;
    for _ in 0..20 {
        let stream = Uuid::now_v7();
        let none = Expected::NoStream;
        bank.append(stream, none, &[1, 2, 3]).await.unwrap();
    }
    until(async || feed(&bank, 1_000).await.len() == 60).await;
    let large = feed(&bank, 1_000).await;
    assert_eq!(feed(&bank, 1).await, large);
    assert_eq!(feed(&bank, 7).await, large);
    let store = &bank.services.store;
    let (none, _) = store.feed(FeedCursor::START, 0).await.unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn the_fence_stays_with_the_oldest_that_is_open() {
    let bank = Bank::new().await;
    let mut rolled_back = Hand::begin(&bank).await;
    rolled_back.write(Uuid::now_v7(), 1).await;
    let mut open = Hand::begin(&bank).await;
    let mut newest = Hand::begin(&bank).await;
    let last = newest.write(Uuid::now_v7(), 1).await;
    newest.commit().await;
    rolled_back.roll_back().await;
    assert!(feed(&bank, 100).await.is_empty(), "one is still open");
    let first = open.write(Uuid::now_v7(), 1).await;
    open.commit().await;
    until_feed_is(&bank, &[first, last]).await;
}

/// The store cannot do this: it reads a stream before its transaction has an
/// id. A hand can, and then a projection that went on would be wrong. Once
/// the page itself tells, and once only the table knows.
#[tokio::test]
async fn a_stream_out_of_order_stops_the_projection() {
    for known in [false, true] {
        let bank = Bank::new().await;
        let account = bank.open_account().await;
        let mut running = None;
        if known {
            running = Some(bank.services.projections.spawn());
            caught_up(&bank, "balances").await;
        }
        let mut inverted = Hand::begin(&bank).await;
        bank.append(account.0, Expected::Version(1), &[1])
            .await
            .unwrap();
        let third = inverted.write(account.0, 3).await;
        inverted.commit().await;
        until(async || feed(&bank, 100).await.len() == 3).await;
        assert_eq!(feed(&bank, 100).await[1].event_id, third, "3 before 2");

        let projections = &bank.services.projections;
        let running = running.unwrap_or_else(|| projections.spawn());
        until(async || stopped(projections).await.is_some()).await;
        let why = stopped(projections).await.unwrap();
        assert!(why.starts_with("version_gap: MoneyDeposited"), "{why}");
        assert!(why.contains("event 3 of"), "{why}");
        let status = status(&bank.services, "balances").await.unwrap();
        assert_eq!(status.processed, 1, "only what came before");
        assert_eq!(read(&bank, account).await.unwrap().version, 1);
        running.stop().await;
    }
}

async fn stopped(projections: &Projections) -> Option<String> {
    let all = projections.list().await.unwrap();
    let it = all.into_iter().find(|it| it.name == "balances")?;
    it.stopped
}

#[tokio::test]
async fn a_log_from_another_clusters_future_is_refused() {
    let bank = Bank::new().await;
    bank.append(Uuid::now_v7(), Expected::NoStream, &[1])
        .await
        .unwrap();
    assert!(try_services(&bank.url, &[]).await.is_ok());
    let mut owner = connect(&bank.url).await;
    let restored = "ALTER TABLE events DISABLE TRIGGER events_only_grow;
         UPDATE events SET tx_id = tx_id + 1000000000";
    run(&mut owner, restored).await;
    let error = try_services(&bank.url, &[]).await.err().unwrap();
    let restored = RestoredFromTheFuture::Yes;
    assert!(
        matches!(&error, StartError::Restored(it) if it.to_string()
            == restored.to_string()),
        "{error}"
    );
}
