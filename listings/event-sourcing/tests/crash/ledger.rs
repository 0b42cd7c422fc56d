//! The books, kept by the test: it knows the stored form of the events and
//! nothing of the program's own arithmetic.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// An event, as far as the books are interested.
#[derive(Debug, FromRow)]
pub(crate) struct Event {
    pub(crate) tx_id: i64,
    stream_id: Uuid,
    version: i64,
    event_type: String,
    minor: i64,
    transfer: Uuid,
    is_eventual: bool,
    pub(crate) command_id: Uuid,
    pub(crate) actor: String,
}

/// All events, in the order of the feed.
pub(crate) async fn events(database: &mut PgConnection) -> Vec<Event> {
    let query = sqlx::query_as(
        "SELECT tx_id, stream_id, version, event_type,
                coalesce((payload->'amount'->>'minor')::bigint, 0) AS minor,
                coalesce((payload->>'transfer')::uuid, stream_id) AS transfer,
                coalesce(payload->>'settlement' = 'eventual', false)
                    AS is_eventual,
                (metadata->>'command_id')::uuid AS command_id,
                metadata->>'actor' AS actor
         FROM events ORDER BY tx_id, position",
    );
    query.fetch_all(database).await.unwrap()
}

/// An account by its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) version: i64,
    pub(crate) minor: i64,
    pub(crate) is_closed: bool,
}

/// The books.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) accounts: BTreeMap<Uuid, Account>,
    /// What was paid in and not taken out.
    pub(crate) paid_in: i64,
    /// What has left an account and not arrived at another.
    on_the_way: BTreeMap<Uuid, i64>,
    /// Eventual transfers without their last event.
    pub(crate) unsettled: BTreeSet<Uuid>,
}

impl Ledger {
    /// Enters an event. Panics when it cannot be true.
    pub(crate) fn enter(&mut self, event: &Event) {
        let account = self.accounts.entry(event.stream_id).or_default();
        account.version += 1;
        assert_eq!(event.version, account.version, "a gap: {event:?}");
        let on_the_way = self.on_the_way.entry(event.transfer).or_default();
        match event.event_type.as_str() {
            "AccountOpened" => {}
            "AccountClosed" => account.is_closed = true,
            "MoneyDeposited" => {
                account.minor += event.minor;
                self.paid_in += event.minor;
            }
            "MoneyWithdrawn" => {
                account.minor -= event.minor;
                self.paid_in -= event.minor;
            }
            "TransferSent" => {
                account.minor -= event.minor;
                *on_the_way += event.minor;
                let is_new =
                    !event.is_eventual || self.unsettled.insert(event.transfer);
                assert!(is_new, "sent twice: {event:?}");
            }
            "TransferReceived" => {
                account.minor += event.minor;
                *on_the_way -= event.minor;
            }
            "TransferRefunded" | "TransferSettled" => {
                account.minor += event.minor;
                *on_the_way -= event.minor;
                let was_open = self.unsettled.remove(&event.transfer);
                assert!(was_open, "ended twice: {event:?}");
            }
            other => panic!("what is {other}?"),
        }
        assert!(account.minor >= 0, "below zero after {event:?}");
    }

    /// What has to be true whenever a transaction has ended. Within one, the
    /// two halves of a transfer are in no particular order.
    pub(crate) fn balance(&mut self) {
        self.on_the_way.retain(|_, minor| *minor != 0);
        let mut on_the_way = self.on_the_way.values();
        assert!(on_the_way.all(|minor| *minor > 0), "{:?}", self.on_the_way);
        let on_accounts: i64 = self.accounts.values().map(|it| it.minor).sum();
        let on_the_way: i64 = self.on_the_way.values().sum();
        assert_eq!(on_accounts + on_the_way, self.paid_in);
    }
}
