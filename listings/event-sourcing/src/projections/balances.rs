//! The balances of all accounts, to be read without folding a stream.

mod fold;
mod upsert;

use std::time::Duration;

use sqlx::{FromRow, Row, postgres::PgRow};
use time::OffsetDateTime;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout_at},
};
pub(super) use upsert::Folding;

use crate::{
    database::Statement,
    domain::{AccountId, Money, SealedName, SubjectId},
    store::EventStore,
};

/// The name of the projection.
pub(super) const NAME: &str = "balances";

/// How often a reader who waits looks anew: the projection may be at work in
/// another process.
const LOOK: Duration = Duration::from_millis(25);

/// Reads the balances.
#[derive(Clone, Debug)]
pub struct Balances {
    store: EventStore,
    /// Rings when a projection of this process has moved on.
    progress: watch::Sender<()>,
}

/// Whether an account is in business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is.
    Open,
    /// It was.
    Closed,
}

/// An account as the projection knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account_id: AccountId,
    /// The last of its events that is in here.
    pub version: i64,
    /// Whose account it is.
    pub subject_id: SubjectId,
    /// The owner's name, sealed.
    pub holder: SealedName,
    /// What is on it.
    pub balance: Money,
    /// Whether it is in business.
    pub status: Status,
    /// When it was opened.
    pub opened_at: OffsetDateTime,
    /// When its last event was recorded.
    pub updated_at: OffsetDateTime,
    /// How many events, of any account, the projection has not seen yet,
    /// counted up to 1,000.
    pub lag: i64,
}

/// Why there is no balance to read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The projection has not come that far in time.
    #[error("the projection is at version {version}")]
    Behind {
        /// How far it has come.
        version: i64,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

// ANCHOR: balance-statement
/// The live revision's row, and how far that revision is behind, in one
/// statement: both are of the same moment.
const BALANCE: Statement = Statement::several(
    "SELECT account_balances",
    "SELECT b.account_id, b.version, b.subject_id, b.holder, b.currency,
            b.minor, b.status, b.opened_at, b.updated_at,
            (SELECT count(*) FROM (
                 SELECT FROM events e
                 WHERE (e.tx_id, e.position) > (p.tx_id, p.position)
                 LIMIT 1000
             ) AS behind) AS lag
     FROM account_balances b
     JOIN projections p ON p.revision = b.revision
     WHERE p.name = 'balances' AND p.status = 'live' AND b.account_id = $1",
);
// ANCHOR_END: balance-statement

const VERSION: Statement = Statement::several(
    "SELECT account_balances",
    "SELECT b.version
     FROM account_balances b
     JOIN projections p ON p.revision = b.revision
     WHERE p.name = 'balances' AND p.status = 'live' AND b.account_id = $1",
);

impl Balances {
    pub(super) fn new(store: EventStore, progress: watch::Sender<()>) -> Self {
        Self { store, progress }
    }

    /// The balance of an account, as far as the projection has come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get(
        &self,
        account: AccountId,
    ) -> Result<Option<Balance>, sqlx::Error> {
        let database = self.store.database();
        let query = sqlx::query_as(BALANCE.text).bind(account.0);
        let found = query.fetch_optional(database.pool());
        database.run(&BALANCE, found).await
    }
}

// ANCHOR: at-least
impl Balances {
    /// The balance with the account's event `version` in it: a client reads
    /// what it has written. Waits for it up to `limit`. An account that does
    /// not exist is not waited for.
    ///
    /// # Errors
    /// When the projection does not come that far, or the database fails.
    pub async fn at_least(
        &self,
        account: AccountId,
        version: i64,
        limit: Duration,
    ) -> Result<Option<Balance>, ReadError> {
        let deadline = Instant::now() + limit;
        let mut bell = self.progress.subscribe();
        let found = self.get(account).await?;
        if found.as_ref().is_some_and(|it| it.version >= version) {
            return Ok(found);
        }
        if self.store.head(account.0).await?.version == 0 {
            return Ok(None);
        }
        loop {
            let reached = self.version(account).await?;
            if reached >= version {
                return Ok(self.get(account).await?);
            }
            let news = async {
                tokio::select! {
                    _ = bell.changed() => {}
                    () = sleep(LOOK) => {}
                }
            };
            if timeout_at(deadline, news).await.is_err() {
                return Err(ReadError::Behind { version: reached });
            }
        }
    }
}
// ANCHOR_END: at-least

impl Balances {
    /// How far the projection has come with an account; 0 before it has it.
    async fn version(&self, account: AccountId) -> Result<i64, sqlx::Error> {
        let database = self.store.database();
        let query = sqlx::query_scalar(VERSION.text).bind(account.0);
        let query = query.fetch_optional(database.pool());
        let (version, _) = database.run_quietly(&VERSION, query).await?;
        Ok(version.unwrap_or(0))
    }
}

impl FromRow<'_, PgRow> for Balance {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let currency: &str = row.try_get("currency")?;
        let status: &str = row.try_get("status")?;
        Ok(Self {
            account_id: AccountId(row.try_get("account_id")?),
            version: row.try_get("version")?,
            subject_id: SubjectId(row.try_get("subject_id")?),
            holder: SealedName(row.try_get("holder")?),
            balance: Money {
                minor: row.try_get("minor")?,
                currency: currency
                    .parse()
                    .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            },
            status: match status {
                "open" => Status::Open,
                _ => Status::Closed,
            },
            opened_at: row.try_get("opened_at")?,
            updated_at: row.try_get("updated_at")?,
            lag: row.try_get("lag")?,
        })
    }
}
