//! The balances of all accounts, to be read without folding a stream.

use std::time::Duration;

use sqlx::{FromRow, Row, postgres::PgRow};
use time::OffsetDateTime;

use crate::{
    database::Statement,
    domain::{AccountId, Money, SealedName, SubjectId},
    store::EventStore,
};

/// Reads the balances.
#[derive(Clone, Debug)]
pub struct Balances {
    store: EventStore,
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
    "SELECT account_balances projections events",
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

impl Balances {
    pub(super) fn new(store: EventStore) -> Self {
        Self { store }
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

    /// The balance with the account's event `version` in it: a client reads
    /// what it has written. Waits for it up to `limit`.
    ///
    /// # Errors
    /// When the projection does not come that far, or the database fails.
    pub async fn at_least(
        &self,
        account: AccountId,
        version: i64,
        _limit: Duration,
    ) -> Result<Option<Balance>, ReadError> {
        match self.get(account).await? {
            Some(balance) if balance.version < version => {
                let version = balance.version;
                Err(ReadError::Behind { version })
            }
            balance => Ok(balance),
        }
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
