//! Appending: all of it, or nothing, if the stream is where it was.

mod error;
mod rows;
mod statement;

use opentelemetry::{
    Context, KeyValue,
    context::FutureExt,
    trace::{SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_semantic_conventions::attribute::{
    ERROR_TYPE, MESSAGING_BATCH_MESSAGE_COUNT, MESSAGING_DESTINATION_NAME,
    MESSAGING_MESSAGE_CONVERSATION_ID, MESSAGING_OPERATION_NAME,
    MESSAGING_OPERATION_TYPE, MESSAGING_SYSTEM,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Cause, EventStore, Head, Metadata, NewEvent, STREAM_TYPE, StreamId,
};
pub use error::AppendError;
use rows::Rows;

// ANCHOR: append-types
/// Events for one stream, and where the writer believes it to end.
#[derive(Clone, Debug)]
pub struct Append<'a> {
    /// The stream.
    pub stream: StreamId,
    /// Its end, as the writer has read it.
    pub head: Head,
    /// What to write behind it.
    pub events: &'a [NewEvent],
    /// The answer to keep for a repeated request, with the same commit.
    pub answer: Option<&'a Answer>,
}

/// What a request was answered with, to answer its repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The client's name for the request.
    pub key: Uuid,
    /// What the request was, so that a key is not used for another.
    pub request_hash: [u8; 32],
    /// The HTTP status.
    pub status: i16,
    /// The body, to the byte.
    pub response: String,
}

/// What a writer knows of a stream that it has not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// That it does not exist.
    NoStream,
    /// That it ends with this version.
    Version(i64),
    /// Nothing: append wherever it ends.
    Any,
}
// ANCHOR_END: append-types

/// How often an append to [`Expected::Any`] looks for the end anew.
pub const RETRIES_OF_ANY: u32 = 100;

// ANCHOR: append
impl EventStore {
    /// Appends to one stream or to several, in one transaction, in a PRODUCER
    /// span whose context goes into the events.
    ///
    /// Several streams are written in the order of their ids, so that two
    /// such appends cannot wait for each other.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] when a stream ends elsewhere; nothing is
    /// written then, as with every other error.
    pub async fn append(
        &self,
        appends: &[Append<'_>],
        cause: &Cause,
    ) -> Result<Vec<Head>, AppendError> {
        let context = self.start_send(appends, cause);
        let metadata = Metadata::new(cause, &context, &self.propagator);
        let sending = self.send(appends, &metadata);
        let result = sending.with_context(context.clone()).await;
        match &result {
            Ok(_) => self.note_sent(appends),
            Err(error) => {
                let span = context.span();
                span.set_attribute(KeyValue::new(ERROR_TYPE, error.kind()));
                span.set_status(Status::error(""));
                self.instruments.append_failed(error);
            }
        }
        result
    }
}
// ANCHOR_END: append

// ANCHOR: send
impl EventStore {
    async fn send(
        &self,
        appends: &[Append<'_>],
        metadata: &Metadata,
    ) -> Result<Vec<Head>, AppendError> {
        let rows = appends
            .iter()
            .map(|append| Rows::new(append, metadata))
            .collect::<Result<Vec<_>, _>>()?;
        let pool = self.database.pool();
        if let ([append], [rows]) = (appends, rows.as_slice()) {
            let mut connection = pool.acquire().await?;
            self.write(&mut connection, append, rows).await?;
        } else {
            let mut both: Vec<_> = appends.iter().zip(&rows).collect();
            both.sort_unstable_by_key(|(append, _)| append.stream);
            let mut transaction = self.database.begin().await?;
            for (append, rows) in both {
                self.write(&mut transaction, append, rows).await?;
            }
            transaction.commit().await?;
        }
        Ok(rows.iter().map(|rows| rows.head).collect())
    }
}
// ANCHOR_END: send

// ANCHOR: write
impl EventStore {
    /// One stream's events, in one statement: the head moves, the answer is
    /// kept and the events are there, or none of it.
    async fn write(
        &self,
        connection: &mut PgConnection,
        append: &Append<'_>,
        rows: &Rows,
    ) -> Result<(), AppendError> {
        let expected = append.head.version;
        if append.events.is_empty() {
            let head = self.head_through(connection, append.stream).await?;
            return match head.version == expected {
                true => Ok(()),
                false => Err(conflict(expected, head)),
            };
        }
        let statement = statement::of(expected);
        let query = rows.bind(sqlx::query(statement.text), append);
        let written = self
            .database
            .run(statement, query.execute(&mut *connection))
            .await?;
        if written.rows_affected() == append.events.len() as u64 {
            return Ok(());
        }
        let head = self.head_through(connection, append.stream).await?;
        Err(conflict(expected, head))
    }
}
// ANCHOR_END: write

fn conflict(expected: i64, actual: Head) -> AppendError {
    AppendError::Conflict {
        expected,
        actual: actual.version,
    }
}

impl EventStore {
    /// Appends to a stream that the writer has not read.
    ///
    /// # Errors
    /// As for [`EventStore::append`].
    pub async fn append_to(
        &self,
        stream: StreamId,
        expected: Expected,
        events: &[NewEvent],
        cause: &Cause,
    ) -> Result<Head, AppendError> {
        let mut tries = 0;
        loop {
            let head = self.head(stream).await?;
            let seen = match expected {
                Expected::NoStream => 0,
                Expected::Version(version) => version,
                Expected::Any => head.version,
            };
            if seen != head.version {
                return Err(conflict(seen, head));
            }
            let append = Append {
                stream,
                head,
                events,
                answer: None,
            };
            match self.append(&[append], cause).await {
                Err(AppendError::Conflict { .. })
                    if expected == Expected::Any && tries < RETRIES_OF_ANY =>
                {
                    tries += 1;
                }
                result => return result.map(|heads| heads[0]),
            }
        }
    }

    fn note_sent(&self, appends: &[Append<'_>]) {
        let events = appends.iter().flat_map(|append| append.events);
        self.instruments.events_appended(events);
        self.wakeup.committed();
    }
}

// ANCHOR: send-span
impl EventStore {
    fn start_send(&self, appends: &[Append<'_>], cause: &Cause) -> Context {
        let events: usize = appends.iter().map(|a| a.events.len()).sum();
        let span = self
            .tracer
            .span_builder("send account")
            .with_kind(SpanKind::Producer)
            .with_attributes([
                KeyValue::new(MESSAGING_SYSTEM, "postgresql"),
                KeyValue::new(MESSAGING_OPERATION_TYPE, "send"),
                KeyValue::new(MESSAGING_OPERATION_NAME, "send"),
                KeyValue::new(MESSAGING_DESTINATION_NAME, STREAM_TYPE),
                KeyValue::new(MESSAGING_BATCH_MESSAGE_COUNT, events as i64),
                KeyValue::new(
                    MESSAGING_MESSAGE_CONVERSATION_ID,
                    cause.correlation_id.to_string(),
                ),
            ]);
        let parent = Context::current();
        let span = self.tracer.build_with_context(span, &parent);
        parent.with_span(span)
    }
}
// ANCHOR_END: send-span
