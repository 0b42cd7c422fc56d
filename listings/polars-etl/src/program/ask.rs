//! A question on standard input, and its answer on standard output.

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use clap::Args;
use polars::prelude::{
    DataFrame, JsonFormat, JsonWriter, PolarsError, SerWriter as _,
};

use super::ProgramError;
use crate::{
    Observer, engine::Engine, etl, query::Query, run_observed, valve::Valve,
};

/// The most bytes of a question.
const MOST: u64 = 64 << 10;

#[derive(Debug, Args)]
pub(super) struct Ask {
    /// The folder for the results of the pipeline.
    output: PathBuf,
}

impl Ask {
    /// Reads the question before anything else is started.
    pub(super) fn read(&self) -> Result<Query, ProgramError> {
        let mut text = String::new();
        io::stdin().take(MOST + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MOST {
            return Err(ProgramError::TooLong(MOST));
        }
        Ok(serde_json::from_str(&text)?)
    }

    /// Where the results are that were published last.
    pub(super) fn results(&self) -> Result<PathBuf, ProgramError> {
        let current = etl::current(&self.output)?;
        current.ok_or_else(|| ProgramError::NoResults(self.output.clone()))
    }
}

// ANCHOR: answer
/// Answers `query` from the results in `folder`.
pub(super) fn answer(
    observer: &Observer,
    query: &Query,
    folder: &Path,
) -> Result<DataFrame, ProgramError> {
    let (dataset, never) = (query.dataset, Valve::default());
    let rows = dataset.scan(folder, &never).map_err(ProgramError::Query)?;
    let asked = query.on(rows)?;
    let run = run_observed(observer, dataset.name(), asked, Engine::Streaming);
    Ok(run.map_err(ProgramError::Query)?.frame)
}
// ANCHOR_END: answer

/// Prints an answer as a JSON array, one object a row.
pub(super) fn print(answer: &mut DataFrame) -> Result<(), ProgramError> {
    let mut text = Vec::new();
    JsonWriter::new(&mut text)
        .with_json_format(JsonFormat::Json)
        .finish(answer)
        .map_err(|cause: PolarsError| ProgramError::Query(cause))?;
    text.push(b'\n');
    io::stdout().write_all(&text)?;
    Ok(())
}
