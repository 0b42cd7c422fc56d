//! Writing a page of changes, in one statement.

use std::collections::HashSet;

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    NAME,
    fold::{Change, fold},
};
use crate::{
    database::{Database, Statement},
    projections::{Halt, IMPOSSIBLE, Subscriber, VERSION_GAP},
    store::{RecordedEvent, StreamId},
};

// ANCHOR: upsert-statement
/// Writes the rows that are where the page begins, and returns them. The
/// account's row must be one version before its first event here, open, in
/// the same currency, and end up with a balance that can be.
const UPSERT: Statement = Statement::one(
    "INSERT account_balances",
    "INSERT",
    "account_balances",
    "INSERT INTO account_balances
         (revision, account_id, version, subject_id, holder, currency,
          minor, status, opened_at, updated_at)
     SELECT $1, page.account_id, page.last,
            coalesce(row.subject_id, page.subject_id),
            coalesce(row.holder, page.holder),
            coalesce(row.currency, page.currency),
            coalesce(row.minor, 0) + page.minor,
            CASE WHEN page.closed THEN 'closed' ELSE 'open' END,
            coalesce(row.opened_at, page.opened_at),
            page.updated_at
     FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[],
                 $6::text[], $7::text[], $8::bigint[], $9::boolean[],
                 $10::timestamptz[], $11::timestamptz[])
          AS page (account_id, first, last, subject_id, holder, currency,
                   minor, closed, opened_at, updated_at)
     LEFT JOIN account_balances row
          ON row.revision = $1 AND row.account_id = page.account_id
     WHERE coalesce(row.version, 0) = page.first - 1
       AND coalesce(row.status, 'open') = 'open'
       AND coalesce(page.currency, row.currency)
           = coalesce(row.currency, page.currency)
       AND coalesce(row.minor, 0)::numeric + page.minor
           BETWEEN 0 AND 9223372036854775807
     ON CONFLICT (revision, account_id) DO UPDATE
     SET version = excluded.version, minor = excluded.minor,
         status = excluded.status, updated_at = excluded.updated_at
     RETURNING account_id",
);
// ANCHOR_END: upsert-statement

const VERSION: Statement = Statement::one(
    "SELECT account_balances",
    "SELECT",
    "account_balances",
    "SELECT version FROM account_balances
     WHERE revision = $1 AND account_id = $2",
);

const FORGET: Statement = Statement::one(
    "DELETE account_balances",
    "DELETE",
    "account_balances",
    "DELETE FROM account_balances
     WHERE revision = $1 AND account_id IN (
         SELECT account_id FROM account_balances WHERE revision = $1
         LIMIT 10000
     )",
);

/// Keeps the balances up to date.
#[derive(Debug)]
pub(in crate::projections) struct Folding {
    database: Database,
}

impl Folding {
    pub(in crate::projections) fn new(database: Database) -> Self {
        Self { database }
    }
}

// ANCHOR: balances-subscriber
impl Subscriber for Folding {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn project(
        &self,
        page: &[RecordedEvent],
        revision: i32,
        transaction: &mut PgConnection,
    ) -> Result<(), Halt> {
        let changes = fold(page)?;
        let columns = Columns::new(&changes);
        let query = columns.bind(sqlx::query_scalar(UPSERT.text), revision);
        let query = query.fetch_all(&mut *transaction);
        let written: Vec<StreamId> = self.database.run(&UPSERT, query).await?;
        if written.len() == changes.len() {
            return Ok(());
        }
        let written = HashSet::from_iter(written);
        self.explain(&changes, &written, revision, transaction)
            .await
    }

    fn can_rebuild(&self) -> bool {
        true
    }

    async fn forget(&self, revision: i32) -> Result<u64, sqlx::Error> {
        let query = sqlx::query(FORGET.text).bind(revision);
        let query = query.execute(self.database.pool());
        Ok(self.database.run(&FORGET, query).await?.rows_affected())
    }
}
// ANCHOR_END: balances-subscriber

impl Folding {
    /// Says which event of the page does not follow from the table.
    async fn explain(
        &self,
        changes: &[Change],
        written: &HashSet<StreamId>,
        revision: i32,
        transaction: &mut PgConnection,
    ) -> Result<(), Halt> {
        // Changes are in the order of the page.
        let refused = |it: &&Change| !written.contains(&it.account);
        let Some(change) = changes.iter().find(refused) else {
            return Ok(());
        };
        let query = sqlx::query_scalar(VERSION.text)
            .bind(revision)
            .bind(change.account);
        let query = query.fetch_optional(transaction);
        let version = self.database.run(&VERSION, query).await?.unwrap_or(0);
        Err(Halt::Poison {
            at: change.at,
            reason: match version == change.first - 1 {
                true => IMPOSSIBLE,
                false => VERSION_GAP,
            },
        })
    }
}

/// One array a column.
#[derive(Default)]
struct Columns {
    accounts: Vec<StreamId>,
    first: Vec<i64>,
    last: Vec<i64>,
    subjects: Vec<Option<Uuid>>,
    holders: Vec<Option<String>>,
    currencies: Vec<Option<String>>,
    minor: Vec<i64>,
    closed: Vec<bool>,
    opened_at: Vec<Option<OffsetDateTime>>,
    updated_at: Vec<OffsetDateTime>,
}

type Accounts<'q> = sqlx::query::QueryScalar<
    'q,
    sqlx::Postgres,
    StreamId,
    sqlx::postgres::PgArguments,
>;

impl Columns {
    fn new(changes: &[Change]) -> Self {
        let mut columns = Self::default();
        for change in changes {
            let opened = change.opened.as_ref();
            columns.accounts.push(change.account);
            columns.first.push(change.first);
            columns.last.push(change.last);
            columns.subjects.push(opened.map(|(subject, ..)| subject.0));
            columns
                .holders
                .push(opened.map(|(_, holder, _)| holder.0.clone()));
            columns
                .currencies
                .push(change.currency.map(|it| it.to_string()));
            columns.minor.push(change.minor);
            columns.closed.push(change.closed);
            columns.opened_at.push(opened.map(|(.., at)| *at));
            columns.updated_at.push(change.updated_at);
        }
        columns
    }

    fn bind<'q>(&'q self, query: Accounts<'q>, revision: i32) -> Accounts<'q> {
        query
            .bind(revision)
            .bind(&self.accounts)
            .bind(&self.first)
            .bind(&self.last)
            .bind(&self.subjects)
            .bind(&self.holders)
            .bind(&self.currencies)
            .bind(&self.minor)
            .bind(&self.closed)
            .bind(&self.opened_at)
            .bind(&self.updated_at)
    }
}
