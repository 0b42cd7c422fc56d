//! A statement between its start and its end, whichever way it ends.

use std::time::{Instant, SystemTime};

use opentelemetry::{
    Context, KeyValue,
    trace::{Status, TraceContextExt, Tracer},
};
use opentelemetry_semantic_conventions::attribute::{
    DB_QUERY_SUMMARY, DB_RESPONSE_STATUS_CODE, ERROR_TYPE,
};

use super::{Database, Statement};

/// A statement under way. It ends once, when it is done or given up.
pub(super) struct Call<'a> {
    database: &'a Database,
    statement: &'a Statement,
    pub(super) context: Context,
    clock: Instant,
    ended: bool,
}

impl Database {
    pub(super) fn start<'a>(
        &'a self,
        statement: &'a Statement,
        now: SystemTime,
    ) -> Call<'a> {
        let parent = Context::current();
        let span = self.span(statement, now);
        let span = self.tracer.build_with_context(span, &parent);
        Call {
            database: self,
            statement,
            context: parent.with_span(span),
            clock: Instant::now(),
            ended: false,
        }
    }

    pub(super) fn point(
        &self,
        statement: &Statement,
        error: Option<String>,
    ) -> Vec<KeyValue> {
        let mut point = self.common.clone();
        point.push(KeyValue::new(DB_QUERY_SUMMARY, statement.summary));
        point.extend(error.map(|error| KeyValue::new(ERROR_TYPE, error)));
        point
    }
}

impl Call<'_> {
    pub(super) fn end<T>(mut self, result: &Result<T, sqlx::Error>) {
        if let Err(error) = result
            && let Some(code) = sqlstate(error)
        {
            let code = KeyValue::new(DB_RESPONSE_STATUS_CODE, code);
            self.context.span().set_attribute(code);
        }
        self.close(error_type(result));
    }

    fn close(&mut self, error: Option<String>) {
        self.ended = true;
        let span = self.context.span();
        if let Some(error) = &error {
            span.set_attribute(KeyValue::new(ERROR_TYPE, error.clone()));
            span.set_status(Status::error(""));
        }
        span.end();
        let point = self.database.point(self.statement, error);
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

/// The five characters by which PostgreSQL names an error.
pub fn sqlstate(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

/// A name for what went wrong, out of a small set.
pub(super) fn error_type<T>(result: &Result<T, sqlx::Error>) -> Option<String> {
    let error = result.as_ref().err()?;
    Some(sqlstate(error).unwrap_or_else(|| {
        match error {
            sqlx::Error::PoolTimedOut => "pool_timeout",
            sqlx::Error::Io(_) => "io",
            sqlx::Error::RowNotFound => "row_not_found",
            _ => "_OTHER",
        }
        .to_owned()
    }))
}
