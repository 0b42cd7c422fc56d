//! No event store at all: the same row into a plain table.

use event_sourcing::domain::AccountId;
use sqlx::{AssertSqlSafe, PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::Contender;

const TABLE: &str = "
    CREATE TABLE raw (
        position bigserial PRIMARY KEY, stream_id uuid NOT NULL,
        event_id uuid NOT NULL, event_type text NOT NULL,
        payload jsonb NOT NULL, metadata jsonb NOT NULL,
        prev_hash bytea NOT NULL, hash bytea NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )";

const INSERT: &str = "
    INSERT INTO raw (stream_id, event_id, event_type, payload, metadata,
                     prev_hash, hash)
    VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $6)";

const PAYLOAD: &str = r#"{"amount":{"currency":"EUR","minor":1}}"#;
const METADATA: &str = r#"{"actor":"bench","causation_id":"0199d0c5-0000-7000-8000-000000000001","command_id":"0199d0c5-0000-7000-8000-000000000001","correlation_id":"0199d0c5-0000-7000-8000-000000000001"}"#;

/// A table.
pub struct Raw(PgPool);

impl Raw {
    /// A table in an empty database, with so many connections.
    pub async fn new(url: &str, connections: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            // As in the listing: no question before each use.
            .test_before_acquire(false)
            .connect(url)
            .await
            .unwrap();
        sqlx::query(AssertSqlSafe(TABLE))
            .execute(&pool)
            .await
            .unwrap();
        Self(pool)
    }
}

impl Contender for Raw {
    async fn open(&self, _: AccountId) {}

    async fn deposit(&self, account: AccountId, deposits: usize) -> bool {
        assert_eq!(deposits, 1);
        sqlx::query(INSERT)
            .bind(account.0)
            .bind(Uuid::now_v7())
            .bind("MoneyDeposited")
            .bind(PAYLOAD)
            .bind(METADATA)
            .bind([7_u8; 32])
            .execute(&self.0)
            .await
            .unwrap();
        true
    }

    async fn balance(&self, account: AccountId) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM raw WHERE stream_id = $1")
            .bind(account.0)
            .fetch_one(&self.0)
            .await
            .unwrap()
    }
}
