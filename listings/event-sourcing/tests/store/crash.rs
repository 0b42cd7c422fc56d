//! PostgreSQL is killed while eight writers append. What it has acknowledged
//! is there afterwards, and what is there is whole.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use event_sourcing::{
    services::Services,
    store::{Append, Cause, Head, StreamId, Verdict},
};
use sqlx::{FromRow, PgConnection};
use throwaway::postgres::{Durability, Options, Server};
use tokio::task::{JoinSet, spawn_blocking};
use uuid::Uuid;

use crate::harness::{connect, deposits, services, until};

const ROUNDS: usize = 5;
const WRITERS: usize = 8;
/// Events in an append, for each of its streams.
const BATCH: i64 = 3;

/// What the server has said is written.
#[derive(Debug, Default)]
struct Acknowledged {
    appends: AtomicUsize,
    heads: Mutex<Vec<(StreamId, Head)>>,
}

impl Acknowledged {
    fn note(&self, streams: &[StreamId], heads: &[Head]) {
        let mut all = self.heads.lock().unwrap();
        all.extend(streams.iter().copied().zip(heads.iter().copied()));
        self.appends.fetch_add(1, Ordering::Relaxed);
    }
}

/// Appends to two streams of its own until the server fails: three events to
/// one of them, and every fourth time three to each in one transaction.
async fn write(services: Services, acknowledged: Arc<Acknowledged>) {
    let streams = [Uuid::now_v7(), Uuid::now_v7()];
    let mut heads = [Head::NONE; 2];
    for turn in 0.. {
        let (range, actor) = match turn % 4 {
            0 => (0..2, "both"),
            1 | 2 => (0..1, "one"),
            _ => (1..2, "one"),
        };
        let events = range.clone().map(|_| deposits(&[1; BATCH as usize]));
        let events: Vec<_> = events.collect();
        let appends: Vec<_> = range
            .clone()
            .zip(&events)
            .map(|(at, events)| Append {
                stream: streams[at],
                head: heads[at],
                events,
                answer: None,
            })
            .collect();
        let cause = Cause::outside(actor);
        match services.store.append(&appends, &cause).await {
            Ok(new) => {
                heads[range.clone()].copy_from_slice(&new);
                acknowledged.note(&streams[range], &new);
            }
            // Perhaps it is written, perhaps not: nobody can say so now.
            Err(_) => return,
        }
    }
}

/// An event, as far as this test is interested.
#[derive(FromRow)]
struct Row {
    stream_id: StreamId,
    version: i64,
    hash: Vec<u8>,
    actor: String,
    command_id: String,
}

async fn rows(connection: &mut PgConnection) -> Vec<Row> {
    let rows = "SELECT stream_id, version, hash, metadata->>'actor' AS actor,
                       metadata->>'command_id' AS command_id
                FROM events ORDER BY stream_id, version";
    sqlx::query_as(rows).fetch_all(connection).await.unwrap()
}

/// Asserts that the log is whole, and holds all that was acknowledged. Returns
/// how many appends it holds.
async fn check(url: &str, acknowledged: &Acknowledged) -> usize {
    let rows = rows(&mut connect(url).await).await;
    let mut appends: HashMap<(&str, &str), i64> = HashMap::new();
    let mut streams: BTreeMap<StreamId, i64> = BTreeMap::new();
    let mut hashes = HashMap::new();
    for row in &rows {
        *appends.entry((&row.command_id, &row.actor)).or_default() += 1;
        let version = streams.entry(row.stream_id).or_default();
        *version += 1;
        assert_eq!(row.version, *version, "a gap in {}", row.stream_id);
        hashes.insert((row.stream_id, row.version), row.hash.as_slice());
    }
    for ((_, actor), events) in &appends {
        let whole = if *actor == "both" { 2 * BATCH } else { BATCH };
        assert_eq!(*events, whole, "a torn append");
    }
    for (stream, head) in acknowledged.heads.lock().unwrap().iter() {
        let found = hashes.get(&(*stream, head.version));
        assert_eq!(found, Some(&head.hash.0.as_slice()), "lost: {head:?}");
    }
    let services = services(url, &[]).await;
    for (stream, version) in streams {
        let verdict = services.store.verify(stream).await.unwrap();
        let Verdict::Sound(head) = verdict else {
            panic!("{stream}: {verdict:?}");
        };
        assert_eq!(head.version, version);
    }
    services.database.pool().close().await;
    appends.len()
}

// ANCHOR: crash
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_sigkill() {
    // How to make sure of the files in a recovery: all at once is quicker.
    let options = Options::new(Durability::Real)
        .setting("recovery_init_sync_method", "syncfs");
    let server = Arc::new(options.start().unwrap());
    let url = server.url("postgres");
    let acknowledged = Arc::new(Acknowledged::default());
    for round in 1..=ROUNDS {
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let services = services(&url, &[("DATABASE_CONNECTIONS", "1")]);
            writers.spawn(write(services.await, acknowledged.clone()));
        }
        let appends = || acknowledged.appends.load(Ordering::Relaxed);
        let some_more = appends() + rand::random_range(100..500);
        until(async || appends() >= some_more).await;
        on(&server, |server| server.kill().unwrap()).await;
        // They would wait for the server to come back.
        writers.abort_all();
        while let Some(end) = writers.join_next().await {
            assert!(!end.is_err_and(|error| error.is_panic()));
        }
        on(&server, |server| server.restart().unwrap()).await;
        let durable = check(&url, &acknowledged).await;
        println!(
            "round {round}: {} appends acknowledged, {durable} there",
            appends()
        );
    }
}
// ANCHOR_END: crash

/// Does something to the server that takes a while.
async fn on(server: &Arc<Server>, what: fn(&Server)) {
    let server = server.clone();
    spawn_blocking(move || what(&server)).await.unwrap();
}
