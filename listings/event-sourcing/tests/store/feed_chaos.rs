//! The feed under writers who do as they please (F9), with a naive reader
//! beside it as a control: if he lost nothing, this test could not fail.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use event_sourcing::store::{FeedCursor, RecordedEvent};
use sqlx::{Connection, PgConnection};
use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

use crate::{
    following::insert,
    harness::{Bank, connect, until},
};

const WRITERS: usize = 16;

const STREAMS: usize = 24;

/// How long: `FEED_CHAOS_SECONDS`, or 5.
fn duration() -> Duration {
    let seconds = env::var("FEED_CHAOS_SECONDS").ok();
    let seconds = seconds.and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5))
}

/// What writers and readers have in common.
struct Chaos {
    bank: Bank,
    streams: Vec<Uuid>,
    /// Writers begin nothing new.
    over: AtomicBool,
    /// No writer is left, so a reader who finds nothing has seen all.
    written: AtomicBool,
    committed: Mutex<BTreeSet<Uuid>>,
}

async fn moment(most: u64) {
    let micros = rand::random_range(0..=most);
    sleep(Duration::from_micros(micros)).await;
}

impl Chaos {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    fn is_written(&self) -> bool {
        self.written.load(Ordering::SeqCst)
    }

    /// Keeps the house rule, and no other: reads the streams before the
    /// transaction has an id, and writes only what follows from that.
    async fn write(&self) {
        let mut connection = connect(&self.bank.url).await;
        while !self.is_over() {
            let wanted: BTreeSet<_> = (0..rand::random_range(1..=3))
                .map(|_| self.streams[rand::random_range(0..STREAMS)])
                .collect();
            let seen = heads(&mut connection, &wanted).await;
            moment(1_000).await;
            self.transaction(&mut connection, seen).await;
        }
    }

    async fn transaction(
        &self,
        connection: &mut PgConnection,
        seen: BTreeMap<Uuid, i64>,
    ) {
        let mut transaction = connection.begin().await.unwrap();
        if rand::random_bool(0.3) {
            // An id long before the first event.
            let pin = sqlx::query("SELECT pg_current_xact_id()");
            pin.execute(&mut *transaction).await.unwrap();
            moment(20_000).await;
        }
        let mut written = Vec::new();
        for (stream, mut version) in seen {
            for _ in 0..rand::random_range(1..=3) {
                version += 1;
                let event = insert(&mut transaction, stream, version).await;
                let Some(event) = event else {
                    // Another writer was faster.
                    return transaction.rollback().await.unwrap();
                };
                written.push(event);
            }
            moment(5_000).await;
        }
        if rand::random_bool(0.2) {
            return transaction.rollback().await.unwrap();
        }
        transaction.commit().await.unwrap();
        self.committed.lock().unwrap().extend(written);
    }

    /// Reads pages of any size, and begins anew from its checkpoint.
    async fn read(&self) -> Vec<RecordedEvent> {
        let (mut cursor, mut all) = (FeedCursor::START, Vec::new());
        loop {
            let written = self.is_written();
            let limit = rand::random_range(1..=40);
            let store = &self.bank.services.store;
            let (page, _) = store.feed(cursor, limit).await.unwrap();
            if rand::random_bool(0.1) {
                // It dies before it has kept any of it.
                continue;
            }
            cursor = page.last().map_or(cursor, RecordedEvent::cursor);
            let last = page.is_empty();
            all.extend(page);
            if written && last && self.nothing_behind(cursor).await {
                return all;
            }
            moment(3_000).await;
        }
    }

    async fn nothing_behind(&self, cursor: FeedCursor) -> bool {
        let store = &self.bank.services.store;
        store.behind(cursor, 1).await.unwrap() == 0
    }

    /// Trusts positions alone.
    async fn read_naively(&self) -> BTreeSet<Uuid> {
        let mut connection = connect(&self.bank.url).await;
        let (mut last, mut all) = (0, BTreeSet::new());
        loop {
            let written = self.is_written();
            let page = "SELECT position, event_id FROM events
                 WHERE position > $1 ORDER BY position LIMIT 40";
            let page: Vec<(i64, Uuid)> = sqlx::query_as(page)
                .bind(last)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            last = page.last().map_or(last, |(position, _)| *position);
            if written && page.is_empty() {
                return all;
            }
            all.extend(page.into_iter().map(|(_, event)| event));
            moment(3_000).await;
        }
    }
}

/// Where streams end, before anything is written.
async fn heads(
    connection: &mut PgConnection,
    streams: &BTreeSet<Uuid>,
) -> BTreeMap<Uuid, i64> {
    let mut heads = BTreeMap::new();
    for stream in streams {
        let head = "SELECT version FROM streams WHERE stream_id = $1";
        let head = sqlx::query_scalar(head).bind(stream);
        let head = head.fetch_optional(&mut *connection).await.unwrap();
        heads.insert(*stream, head.unwrap_or(0));
    }
    heads
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_feed_loses_nothing_whatever_the_writers_do() {
    let chaos = Arc::new(Chaos {
        bank: Bank::new().await,
        streams: (0..STREAMS).map(|_| Uuid::now_v7()).collect(),
        over: AtomicBool::new(false),
        written: AtomicBool::new(false),
        committed: Mutex::default(),
    });
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let chaos = Arc::clone(&chaos);
        writers.spawn(async move { chaos.write().await });
    }
    let reader = Arc::clone(&chaos);
    let reader = tokio::spawn(async move { reader.read().await });
    let naive = Arc::clone(&chaos);
    let naive = tokio::spawn(async move { naive.read_naively().await });
    sleep(duration()).await;
    until(async || chaos.committed.lock().unwrap().len() > 500).await;
    chaos.over.store(true, Ordering::SeqCst);
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    chaos.written.store(true, Ordering::SeqCst);

    let committed = chaos.committed.lock().unwrap().clone();
    let delivered = reader.await.unwrap();
    assert_contiguous(&delivered);
    let seen: BTreeSet<_> = delivered.iter().map(|it| it.event_id).collect();
    assert_eq!(seen.len(), delivered.len(), "something came twice");
    let (missing, made_up) = (&committed - &seen, &seen - &committed);
    assert!(missing.is_empty(), "{} are missing", missing.len());
    assert!(made_up.is_empty(), "{} were rolled back", made_up.len());

    let naive = naive.await.unwrap();
    let lost = committed.difference(&naive).count();
    assert!(lost > 0, "the control has lost nothing: a weak test");
}

/// Every stream counts from 1 without a gap, in the order of delivery.
fn assert_contiguous(delivered: &[RecordedEvent]) {
    let mut last = BTreeMap::new();
    for event in delivered {
        let last = last.entry(event.stream_id).or_insert(0);
        assert_eq!(event.version, *last + 1, "stream {}", event.stream_id);
        *last = event.version;
    }
    assert!(delivered.is_sorted_by_key(RecordedEvent::cursor));
}
