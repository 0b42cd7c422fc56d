//! Events as columns, each linked to the one before it.

use sqlx::{Postgres, postgres::PgArguments, query::Query};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Append, AppendError};
use crate::store::{
    Head, Metadata,
    chain::{Hash, Link, NotStorable, canonical},
};

/// One array a column: a batch of any size is one statement.
#[derive(Debug)]
pub(super) struct Rows {
    /// The stream's head after the events.
    pub(super) head: Head,
    metadata: String,
    recorded_at: OffsetDateTime,
    ids: Vec<Uuid>,
    types: Vec<&'static str>,
    schemas: Vec<i16>,
    payloads: Vec<String>,
    previous: Vec<Hash>,
    hashes: Vec<Hash>,
}

impl Rows {
    pub(super) fn new(
        append: &Append<'_>,
        metadata: &Metadata,
    ) -> Result<Self, AppendError> {
        let metadata = serde_json::to_value(metadata)
            .map_err(|_| NotStorable::Fraction)
            .and_then(|metadata| canonical(&metadata))
            .map_err(|reason| AppendError::NotStorable { index: 0, reason })?;
        let mut rows = Self {
            head: append.head,
            metadata,
            recorded_at: now(),
            ids: Vec::new(),
            types: Vec::new(),
            schemas: Vec::new(),
            payloads: Vec::new(),
            previous: Vec::new(),
            hashes: Vec::new(),
        };
        for (index, event) in append.events.iter().enumerate() {
            let payload = canonical(&event.payload)
                .map_err(|reason| AppendError::NotStorable { index, reason })?;
            rows.previous.push(rows.head.hash);
            rows.head.version += 1;
            rows.head.hash = Link {
                stream: append.stream,
                version: rows.head.version,
                event_id: event.event_id,
                event_type: event.event_type,
                schema_version: event.schema_version,
                recorded_at: rows.recorded_at,
                payload: &payload,
                metadata: &rows.metadata,
                previous: rows.head.hash,
            }
            .hash();
            rows.ids.push(event.event_id);
            rows.types.push(event.event_type);
            rows.schemas.push(event.schema_version);
            rows.payloads.push(payload);
            rows.hashes.push(rows.head.hash);
        }
        Ok(rows)
    }
}

impl Rows {
    /// Binds the parameters `$1` to `$16` of an append.
    pub(super) fn bind<'q>(
        &'q self,
        query: Query<'q, Postgres, PgArguments>,
        append: &'q Append<'_>,
    ) -> Query<'q, Postgres, PgArguments> {
        let answer = append.answer;
        query
            .bind(append.stream)
            .bind(append.head.version)
            .bind(self.head.version)
            .bind(self.head.hash)
            .bind(answer.map(|answer| answer.key))
            .bind(answer.map(|answer| answer.request_hash.as_slice()))
            .bind(answer.map(|answer| answer.status))
            .bind(answer.map(|answer| answer.response.as_str()))
            .bind(&self.metadata)
            .bind(self.recorded_at)
            .bind(&self.ids)
            .bind(&self.types)
            .bind(&self.schemas)
            .bind(&self.payloads)
            .bind(&self.previous)
            .bind(&self.hashes)
    }
}

/// The time in whole microseconds, which is what PostgreSQL keeps.
fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    let micros = now.microsecond();
    now.replace_microsecond(micros).unwrap_or(now)
}
