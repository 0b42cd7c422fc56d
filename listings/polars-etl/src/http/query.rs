//! Questions, and answers to them.

use std::path::Path;

use axum::extract::State;
use polars::prelude::PolarsError;

use super::{
    App,
    answer::{Format, Written},
    body::Json,
    openapi::Asking,
    problem::{self, Problem, kinds},
};
use crate::{
    Observer,
    engine::Engine,
    etl,
    observed::error_type,
    pool::PoolError,
    query::{Query, TOO_MANY_GROUPS},
    run_observed,
    valve::Valve,
};

// ANCHOR: handler
/// Ask about a dataset
#[utoipa::path(
    post,
    path = "/v1/query",
    tag = "questions",
    request_body = Query,
    responses(
        (status = 200, description = "The answer.", content(
            (Vec<serde_json::Value> = "application/json"),
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.apache.arrow.stream"),
        )),
        Asking,
    ),
)]
pub(super) async fn query(
    State(app): State<App>,
    format: Format,
    Json(query): Json<Query>,
) -> Result<Written, Problem> {
    let (observer, results) = (app.observer.clone(), app.results.clone());
    let work =
        move |valve: &Valve| answer(&observer, &results, &query, format, valve);
    app.pool.run(app.limit, work).await?
}
// ANCHOR_END: handler

// ANCHOR: answer
/// Everything that takes time, and so does not belong on the runtime.
fn answer(
    observer: &Observer,
    results: &Path,
    query: &Query,
    format: Format,
    valve: &Valve,
) -> Result<Written, Problem> {
    let current =
        etl::current(results).map_err(|error| failed(error.kind()))?;
    let folder = current.ok_or_else(|| Problem::new(&kinds::NO_RESULTS))?;
    let dataset = query.dataset;
    let rows = dataset.scan(&folder, valve)?;
    let asked = query.on(rows)?;
    let run = run_observed(observer, dataset.name(), asked, Engine::Streaming);
    Ok(format.write(&mut run?.frame)?)
}
// ANCHOR_END: answer

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Full => Self::new(&kinds::BUSY),
            PoolError::TimedOut => Self::new(&kinds::TIMED_OUT),
            PoolError::Crashed(_) => failed("panic"),
        }
    }
}

impl From<PolarsError> for Problem {
    fn from(error: PolarsError) -> Self {
        if error.to_string().contains(TOO_MANY_GROUPS) {
            return Self::new(&kinds::TOO_MANY_GROUPS);
        }
        match error_type(&error).as_str() {
            "stopped" => Self::new(&kinds::TIMED_OUT),
            kind => failed(kind),
        }
    }
}

/// What the engine says may quote the data, so only its kind is told.
fn failed(error_type: &str) -> Problem {
    tracing::error!(
        name: "query.failed",
        { error.type = error_type },
        "a query failed"
    );
    Problem::new(&problem::kinds::INTERNAL)
}
