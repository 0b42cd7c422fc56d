//! A PostgreSQL for all tests; a NATS and two databases for each.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use async_nats::jetstream::stream::Stream;
use event_sourcing::broker::Broker;
use sqlx::{PgPool, postgres::PgPoolOptions};
use throwaway::{
    nats,
    postgres::{Durability, Server},
};
use tokio::time::sleep;

use crate::{
    bank::{Bank, Turnovers},
    process::{DEADLINE, Process},
};

static SERVER: LazyLock<Server> =
    LazyLock::new(|| Server::start(Durability::Fast).unwrap());

/// Everything that a test needs around the programs.
pub(crate) struct Lab {
    pub(crate) nats: nats::Server,
    /// The bank's database.
    pub(crate) bank: String,
    /// The database of `turnover`.
    turnover: String,
    pool: PgPool,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        let database = || SERVER.url(&SERVER.new_database(None).unwrap());
        let turnover = database();
        let pool = PgPoolOptions::new().max_connections(1);
        Self {
            nats: nats::Server::start().unwrap(),
            bank: database(),
            pool: pool.connect(&turnover).await.unwrap(),
            turnover,
        }
    }

    /// The parts of the bank, in this process, without a relay.
    pub(crate) async fn open(&self) -> Bank {
        Bank::open(&[("DATABASE_URL", &self.bank)]).await
    }

    /// The parts of the bank, in this process, with a relay.
    pub(crate) async fn open_with_relay(&self) -> Bank {
        let nats = self.nats.url();
        let database = ("DATABASE_URL", self.bank.as_str());
        Bank::open(&[database, ("NATS_URL", &nats)]).await
    }

    /// The bank as a process, with its relay.
    pub(crate) async fn start_bank(&self, more: &[(&str, &str)]) -> Process {
        let nats = self.nats.url();
        let own = [("DATABASE_URL", self.bank.as_str()), ("NATS_URL", &nats)];
        Process::bank(&[&own, more].concat()).await
    }

    /// A process of the group, which signs with `name`.
    pub(crate) async fn start_turnover(
        &self,
        name: &str,
        more: &[(&str, &str)],
    ) -> Process {
        let mark = match self.turnover.contains('?') {
            true => '&',
            false => '?',
        };
        let url = format!("{}{mark}application_name={name}", self.turnover);
        let nats = self.nats.url();
        let own = [("DATABASE_URL", url.as_str()), ("NATS_URL", &nats)];
        Process::turnover(&[&own, more].concat()).await
    }

    /// The stream of messages, from the outside.
    pub(crate) async fn stream(&self) -> Stream {
        let broker = Broker::new(&self.nats.url()).unwrap();
        broker.connect("test").await.unwrap().1
    }

    /// The group's messages: to be delivered, and to be acknowledged.
    pub(crate) async fn pending(&self, stream: &Stream) -> (u64, usize) {
        match stream.consumer_info("turnover").await {
            Ok(info) => (info.num_pending, info.num_ack_pending),
            // Nobody has asked for messages yet.
            Err(_) => (u64::MAX, usize::MAX),
        }
    }

    /// What `turnover` knows, once its schema is there.
    pub(crate) async fn turnovers(&self) -> Turnovers {
        let sums = "SELECT coalesce(sum(deposited_minor), 0)::bigint,
                           coalesce(sum(withdrawn_minor), 0)::bigint,
                           coalesce(sum(events), 0)::bigint,
                           (SELECT count(*) FROM inbox)
                    FROM daily_turnover";
        let (deposited, withdrawn, events, inbox): (_, _, i64, i64) =
            sqlx::query_as(sums).fetch_one(&self.pool).await.unwrap();
        assert_eq!(events, inbox, "each id once, and each of them counted");
        Turnovers {
            deposited,
            withdrawn,
            events,
        }
    }

    /// Who has taken messages in.
    pub(crate) async fn workers(&self) -> Vec<String> {
        let query = "SELECT DISTINCT received_by FROM inbox ORDER BY 1";
        let query = sqlx::query_scalar(query);
        query.fetch_all(&self.pool).await.unwrap()
    }

    /// Waits until `turnover` knows what the log says, and no more.
    pub(crate) async fn assert_agreement(&self, bank: &Bank) {
        let expected = bank.turnovers().await;
        let started = Instant::now();
        loop {
            let found = self.turnovers().await;
            if found == expected {
                return;
            }
            assert!(found.events <= expected.events, "{found:?} {expected:?}");
            assert!(started.elapsed() < DEADLINE, "{found:?} {expected:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Waits until `condition` holds.
pub(crate) async fn wait_until<F: Future<Output = bool>>(
    what: &str,
    condition: impl Fn() -> F,
) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < DEADLINE, "never {what}");
        sleep(Duration::from_millis(10)).await;
    }
}
