//! mire.

use std::mem;

use event_sourcing::domain::{Account, AccountEvent, AccountId};
use mire::{
    Aggregate, Command, CommandError, DomainRepository, EventData, EventStore,
    EventStoreError,
};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;

use crate::{Contender, Refused, Wish, cents, decide};

/// The listing's account as an aggregate of mire.
#[derive(Clone, Debug, Default)]
pub struct Shared(Account);

/// The listing's event as an event of mire.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Happened(AccountEvent);

impl EventData for Happened {
    fn event_type(&self) -> &'static str {
        self.0.event_type()
    }
}

impl Aggregate for Shared {
    type Event = Happened;

    fn stream_category() -> &'static str {
        "account"
    }

    fn apply(&mut self, event: &Happened) {
        self.0 = mem::take(&mut self.0).evolve(&event.0).unwrap();
    }
}

struct Asked(AccountId, Wish);

impl Command for Asked {
    type Aggregate = Shared;
    type Error = Refused;
    type Events = Vec<Happened>;

    fn handle(self, account: &Shared) -> Result<Vec<Happened>, Refused> {
        let events = decide(&account.0, self.0, &self.1)?;
        Ok(events.into_iter().map(Happened).collect())
    }
}

/// The bank on mire.
pub struct MireBank {
    store: EventStore,
    accounts: DomainRepository<Shared>,
}

impl MireBank {
    /// A bank with so many connections, in an empty database.
    pub async fn new(url: &str, connections: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            // As in the listing: no question before each use.
            .test_before_acquire(false)
            .connect(url)
            .await
            .unwrap();
        let store = EventStore::new(pool);
        store.migrate().await.unwrap();
        let accounts = store.repository();
        Self { store, accounts }
    }

    async fn wish(&self, account: AccountId, wish: Wish) -> bool {
        let id = account.to_string();
        match self.accounts.send(&id, Asked(account, wish)).await {
            Ok(_) => true,
            Err(CommandError::Store(
                EventStoreError::ConcurrencyConflict { .. },
            )) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Contender for MireBank {
    async fn open(&self, account: AccountId) {
        assert!(self.wish(account, Wish::Open).await);
    }

    async fn deposit(&self, account: AccountId, deposits: usize) -> bool {
        self.wish(account, Wish::Deposit(deposits)).await
    }

    async fn balance(&self, account: AccountId) -> i64 {
        let id = account.to_string();
        let root = self.store.load_or_default::<Shared>(&id).await.unwrap();
        cents(&root.state.0)
    }
}
