//! A statement between its start and its end, whichever way it ends.

use std::time::Instant;

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_semantic_conventions::attribute::{
    DB_COLLECTION_NAME, DB_OPERATION_NAME, DB_QUERY_SUMMARY, DB_QUERY_TEXT,
    DB_RESPONSE_STATUS_CODE, ERROR_TYPE,
};

use super::{Database, Statement, TABLE};

/// A statement under way. It ends once, when it is done or given up.
pub(super) struct Call<'a> {
    database: &'a Database,
    statement: &'a Statement,
    pub(super) context: Context,
    clock: Instant,
    ended: bool,
}

// ANCHOR: start
impl Database {
    pub(super) fn start<'a>(&'a self, statement: &'a Statement) -> Call<'a> {
        let parent = Context::current();
        let mut attributes = self.common.clone();
        attributes.extend([
            KeyValue::new(DB_COLLECTION_NAME, TABLE),
            KeyValue::new(DB_OPERATION_NAME, statement.operation),
            KeyValue::new(DB_QUERY_SUMMARY, statement.summary),
            KeyValue::new(DB_QUERY_TEXT, statement.text),
        ]);
        let span = self
            .tracer
            .span_builder(statement.summary)
            .with_kind(SpanKind::Client)
            .with_attributes(attributes);
        let span = self.tracer.build_with_context(span, &parent);
        Call {
            database: self,
            statement,
            context: parent.with_span(span),
            clock: Instant::now(),
            ended: false,
        }
    }
}
// ANCHOR_END: start

impl Call<'_> {
    pub(super) fn end<T>(mut self, result: &Result<T, sqlx::Error>) {
        if let Err(error) = result
            && let Some(code) = code(error)
        {
            let code = KeyValue::new(DB_RESPONSE_STATUS_CODE, code);
            self.context.span().set_attribute(code);
        }
        self.close(error_type(result));
    }

    fn close(&mut self, error: Option<String>) {
        self.ended = true;
        let mut point = self.database.common.clone();
        point.push(KeyValue::new(DB_QUERY_SUMMARY, self.statement.summary));
        let span = self.context.span();
        if let Some(error) = error {
            let error = KeyValue::new(ERROR_TYPE, error);
            span.set_attribute(error.clone());
            span.set_status(Status::error(""));
            point.push(error);
        }
        span.end();
        let seconds = self.clock.elapsed().as_secs_f64();
        self.database.duration.record(seconds, &point);
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.close(Some("cancelled".to_owned()));
        }
    }
}

/// What the database calls an error: five characters in PostgreSQL, a number
/// in SQLite.
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

/// A name for what went wrong, out of a small set.
fn error_type<T>(result: &Result<T, sqlx::Error>) -> Option<String> {
    let error = result.as_ref().err()?;
    Some(code(error).unwrap_or_else(|| {
        match error {
            sqlx::Error::PoolTimedOut => "pool_timeout",
            sqlx::Error::Io(_) => "io",
            sqlx::Error::RowNotFound => "row_not_found",
            _ => "_OTHER",
        }
        .to_owned()
    }))
}
