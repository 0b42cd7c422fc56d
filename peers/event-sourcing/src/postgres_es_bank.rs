//! postgres-es, the store behind cqrs-es.

use std::mem;

use cqrs_es::{
    Aggregate, AggregateContext, AggregateError, DomainEvent, EventStore,
    event_sink::EventSink, persist::PersistedEventStore,
};
use event_sourcing::domain::{Account, AccountEvent, AccountId};
use postgres_es::{PostgresCqrs, PostgresEventRepository};
use serde::{Deserialize, Serialize};
use sqlx_postgres_es::{Pool, Postgres, postgres::PgPoolOptions};

use crate::{Contender, Refused, Wish, cents, decide};

/// The tables of its `db/init.sql` that a bank without views needs.
pub const SCHEMA: &str = "
    CREATE TABLE events (
        aggregate_type text NOT NULL,
        aggregate_id text NOT NULL,
        sequence bigint CHECK (sequence >= 0) NOT NULL,
        event_type text NOT NULL,
        event_version text NOT NULL,
        payload json NOT NULL,
        metadata json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence)
    );
    CREATE TABLE snapshots (
        aggregate_type text NOT NULL,
        aggregate_id text NOT NULL,
        last_sequence bigint CHECK (last_sequence >= 0) NOT NULL,
        current_snapshot bigint CHECK (current_snapshot >= 0) NOT NULL,
        payload json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, last_sequence)
    );";

/// The listing's account as an aggregate of cqrs-es.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shared(Account);

/// The listing's event as an event of cqrs-es.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Happened(AccountEvent);

impl DomainEvent for Happened {
    fn event_type(&self) -> String {
        self.0.event_type().to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Aggregate for Shared {
    const TYPE: &'static str = "account";
    type Command = (AccountId, Wish);
    type Event = Happened;
    type Error = Refused;
    type Services = ();

    async fn handle(
        &mut self,
        (account, wish): Self::Command,
        _: &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refused> {
        for event in decide(&self.0, account, &wish)? {
            sink.write(Happened(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Happened) {
        self.0 = mem::take(&mut self.0).evolve(&event.0).unwrap();
    }
}

/// Where postgres-es looks for the state of an account.
#[derive(Clone, Copy, Debug)]
pub enum Truth {
    /// All events.
    Events,
    /// A snapshot every so many events, and the events behind it.
    Snapshots(usize),
}

/// The bank on postgres-es.
pub struct PostgresEsBank {
    pool: Pool<Postgres>,
    truth: Truth,
    framework: PostgresCqrs<Shared>,
}

impl PostgresEsBank {
    /// A bank with so many connections to a database with its [`SCHEMA`].
    pub async fn new(url: &str, connections: u32, truth: Truth) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            // As in the listing: no question before each use.
            .test_before_acquire(false)
            .connect(url)
            .await
            .unwrap();
        let framework = match truth {
            Truth::Events => {
                postgres_es::postgres_cqrs(pool.clone(), vec![], ())
            }
            Truth::Snapshots(every) => postgres_es::postgres_snapshot_cqrs(
                pool.clone(),
                vec![],
                every,
                (),
            ),
        };
        Self {
            pool,
            truth,
            framework,
        }
    }

    async fn wish(&self, account: AccountId, wish: Wish) -> bool {
        let id = account.to_string();
        match self.framework.execute(&id, (account, wish)).await {
            Ok(()) => true,
            Err(AggregateError::AggregateConflict) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Contender for PostgresEsBank {
    async fn open(&self, account: AccountId) {
        assert!(self.wish(account, Wish::Open).await);
    }

    async fn deposit(&self, account: AccountId, deposits: usize) -> bool {
        self.wish(account, Wish::Deposit(deposits)).await
    }

    async fn balance(&self, account: AccountId) -> i64 {
        let repository = PostgresEventRepository::new(self.pool.clone());
        let store = match self.truth {
            Truth::Events => {
                PersistedEventStore::<_, Shared>::new_event_store(repository)
            }
            Truth::Snapshots(every) => {
                PersistedEventStore::new_snapshot_store(repository, every)
            }
        };
        let id = account.to_string();
        let mut loaded = store.load_aggregate(&id).await.unwrap();
        cents(&loaded.aggregate().0)
    }
}
