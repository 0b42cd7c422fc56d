//! Helpers for tests of what follows the feed.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use event_sourcing::{
    domain::{Account, AccountId},
    projections::{Balance, Halt, ProjectionStatus, Status, Subscriber},
    services::Services,
    store::{FeedCursor, RecordedEvent},
};
use sqlx::{PgConnection, Row};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::harness::{Bank, connect, deposits, number, until};

/// Everything that the feed shows, read in pages of `limit`.
pub(crate) async fn feed(bank: &Bank, limit: i64) -> Vec<RecordedEvent> {
    let (mut cursor, mut all) = (FeedCursor::START, Vec::new());
    loop {
        let page = bank.services.store.feed(cursor, limit).await.unwrap().0;
        let Some(last) = page.last() else { return all };
        cursor = last.cursor();
        all.extend(page);
    }
}

/// The projection `name`, whose revision is the newest.
pub(crate) async fn status(
    services: &Services,
    name: &str,
) -> Option<ProjectionStatus> {
    let all = services.projections.list().await.unwrap();
    all.into_iter().rfind(|it| it.name == name)
}

/// Waits until the subscriber has processed every event.
pub(crate) async fn caught_up(bank: &Bank, name: &str) {
    let mut owner = connect(&bank.url).await;
    until(async || {
        let status = status(&bank.services, name).await;
        let all = number(&mut owner, "SELECT count(*) FROM events").await;
        let stopped = status.as_ref().and_then(|it| it.stopped.as_ref());
        assert_eq!(stopped, None, "it has stopped");
        status.is_some_and(|it| it.lag_events == 0 && it.processed >= all)
    })
    .await;
    assert_complete(bank, name).await;
}

/// Of the events up to the checkpoint, each is processed once (P7).
pub(crate) async fn assert_complete(bank: &Bank, name: &str) {
    let mut owner = connect(&bank.url).await;
    let missing = "SELECT (SELECT count(*) FROM events e
                WHERE (e.tx_id, e.position) <= (p.tx_id, p.position))
               - p.processed
         FROM projections p WHERE name = $1 AND status = 'live'";
    let missing: i64 = sqlx::query_scalar(missing)
        .bind(name)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(missing, 0, "passed and not processed by {name}");
}

/// Each balance is what the account's events add up to, and there are no
/// others.
pub(crate) async fn assert_balances_are_folds(bank: &Bank) {
    let mut owner = connect(&bank.url).await;
    let streams: Vec<Uuid> =
        sqlx::query_scalar("SELECT stream_id FROM streams")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    for stream in &streams {
        assert_is_fold(bank, AccountId(*stream)).await;
    }
    let rows = "SELECT count(*) FROM account_balances b JOIN projections p
         ON p.revision = b.revision
         WHERE p.name = 'balances' AND p.status = 'live'";
    assert_eq!(number(&mut owner, rows).await, streams.len() as i64);
}

async fn assert_is_fold(bank: &Bank, account: AccountId) {
    let loaded = bank.services.accounts.load(account).await.unwrap();
    let row = read(bank, account).await.expect("no balance");
    let events = bank.events(account.0).await;
    assert_eq!(row.version, loaded.head.version);
    assert_eq!(row.opened_at, events[0].recorded_at);
    assert_eq!(row.updated_at, events[events.len() - 1].recorded_at);
    match loaded.account {
        Account::Open(open) => {
            assert_eq!(row.status, Status::Open);
            assert_eq!(row.balance, open.balance);
            assert_eq!(row.subject_id, open.subject);
            assert_eq!(row.holder, open.holder);
        }
        Account::Closed => {
            assert_eq!(row.status, Status::Closed);
            assert_eq!(row.balance.minor, 0);
        }
        Account::Unopened => panic!("a stream without events"),
    }
}

/// What the projection says of an account.
pub(crate) async fn read(bank: &Bank, account: AccountId) -> Option<Balance> {
    let balances = bank.services.projections.balances();
    balances.get(account).await.unwrap()
}

/// A transaction whose timing a test decides.
pub(crate) struct Hand(PgConnection);

impl Hand {
    /// Begins, and gets its transaction id now.
    pub(crate) async fn begin(bank: &Bank) -> Self {
        let mut connection = connect(&bank.url).await;
        let begin = "BEGIN; SELECT pg_current_xact_id()";
        crate::harness::run(&mut connection, begin).await;
        Self(connection)
    }

    /// Writes event `version` of a stream, and returns the event's id. What
    /// others have written to the stream meanwhile does not matter.
    pub(crate) async fn write(&mut self, stream: Uuid, version: i64) -> Uuid {
        insert(&mut self.0, stream, version).await.unwrap()
    }

    pub(crate) async fn commit(self) {
        self.end("COMMIT").await;
    }

    pub(crate) async fn roll_back(self) {
        self.end("ROLLBACK").await;
    }

    async fn end(mut self, how: &str) {
        crate::harness::run(&mut self.0, how).await;
    }
}

/// Writes event `version` of a stream, without its hashes, and returns the
/// event's id; `None` if the stream does not end there.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    stream: Uuid,
    version: i64,
) -> Option<Uuid> {
    let head = "INSERT INTO streams AS s (stream_id, version, head_hash)
         VALUES ($1, $2, decode(repeat('00', 32), 'hex'))
         ON CONFLICT (stream_id) DO UPDATE SET version = $2
         WHERE s.version = $2 - 1";
    let head = sqlx::query(head).bind(stream).bind(version);
    let head = head.execute(&mut *connection).await.unwrap();
    if head.rows_affected() == 0 {
        return None;
    }
    let event = "INSERT INTO events (stream_id, version, event_id,
             event_type, schema_version, payload, metadata,
             recorded_at, prev_hash, hash)
         SELECT $1, $2, $3, 'MoneyDeposited', 3, $4, '{}', now(), z, z
         FROM decode(repeat('00', 32), 'hex') AS z";
    let [new] = deposits(&[1]).try_into().unwrap();
    let event = sqlx::query(event)
        .bind(stream)
        .bind(version)
        .bind(new.event_id)
        .bind(&new.payload);
    event.execute(connection).await.unwrap();
    Some(new.event_id)
}

/// A subscriber that does what a test tells it to.
pub(crate) struct Puppet {
    pub(crate) name: &'static str,
    /// Each look at a page takes one of these.
    pub(crate) gate: Arc<Semaphore>,
    pub(crate) reacted: Arc<AtomicU64>,
    pub(crate) projected: Arc<AtomicU64>,
    /// How often it is going to say that it cannot now.
    pub(crate) busy: AtomicU64,
}

impl Puppet {
    pub(crate) fn new(name: &'static str, permits: usize) -> Self {
        Self {
            name,
            gate: Arc::new(Semaphore::new(permits)),
            reacted: Arc::default(),
            projected: Arc::default(),
            busy: AtomicU64::new(0),
        }
    }
}

impl Subscriber for Puppet {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn react(&self, page: &[RecordedEvent]) -> Result<(), Halt> {
        self.reacted.fetch_add(page.len() as u64, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        let less = |busy: u64| busy.checked_sub(1);
        let order = Ordering::SeqCst;
        match self.busy.fetch_update(order, order, less) {
            Ok(_) => Err(Halt::Later {
                at: page.len() / 2,
                reason: "busy",
                source: "a test wants it so".into(),
            }),
            Err(_) => Ok(()),
        }
    }

    async fn project(
        &self,
        page: &[RecordedEvent],
        _: i32,
        _: &mut PgConnection,
    ) -> Result<(), Halt> {
        self.projected
            .fetch_add(page.len() as u64, Ordering::SeqCst);
        Ok(())
    }
}

/// The lines of a query plan.
pub(crate) async fn plan(connection: &mut PgConnection, sql: &str) -> String {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    let lines = sqlx::query(sql).fetch_all(connection).await.unwrap();
    let lines: Vec<String> = lines.iter().map(|line| line.get(0)).collect();
    lines.join("\n")
}
