//! What is written down of a run.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::etl::{
    EtlError, Summary,
    files::{self, failed},
};

// ANCHOR: record
/// A run that was asked for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Record {
    /// The trace of the request, as headers.
    pub(super) trace: HashMap<String, String>,
    /// What has come of it, if it has ended.
    pub(super) outcome: Option<Outcome>,
}
// ANCHOR_END: record

/// What has come of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Outcome {
    /// There are sales.
    Done {
        /// The name of the results: the same for the same input.
        run: String,
        /// Orders that were read.
        orders: u64,
        /// Orders that were set aside, by the rule that they break.
        rejected: BTreeMap<String, u64>,
    },
    /// There are none.
    Failed {
        /// The kind of the error: one of a few words.
        error: String,
    },
}

impl From<Result<Summary, EtlError>> for Outcome {
    fn from(ended: Result<Summary, EtlError>) -> Self {
        let named = |(rule, number): (&str, u64)| (rule.to_owned(), number);
        match ended {
            Ok(summary) => Self::Done {
                run: summary.run,
                orders: summary.orders,
                rejected: summary.rejected.iter().map(named).collect(),
            },
            Err(error) => Self::Failed {
                error: error.kind().to_owned(),
            },
        }
    }
}

fn place(folder: &Path, id: Uuid) -> PathBuf {
    folder.join(format!("{id}.json"))
}

impl Record {
    /// Forces it to disk.
    pub(super) fn write(
        &self,
        folder: &Path,
        id: Uuid,
    ) -> Result<(), EtlError> {
        let path = place(folder, id);
        let text = serde_json::to_vec(self);
        let text = text.map_err(|error| failed(&path)(error.into()))?;
        files::put(&path, &text)
    }

    /// The record of this name, if there is one.
    pub(super) fn read(
        folder: &Path,
        id: Uuid,
    ) -> Result<Option<Self>, EtlError> {
        let path = place(folder, id);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(failed(&path)(error)),
        };
        let record = serde_json::from_slice(&text);
        Ok(Some(record.map_err(|error| failed(&path)(error.into()))?))
    }

    /// Writes down what has come of a run.
    pub(super) fn end(
        folder: &Path,
        id: Uuid,
        outcome: Outcome,
    ) -> Result<(), EtlError> {
        let record = Self::read(folder, id)?;
        let mut record = record.unwrap_or_default();
        record.outcome = Some(outcome);
        record.write(folder, id)
    }
}

/// Those in `folder` that have not ended, the oldest first. Of the others, at
/// most `kept` stay.
pub(super) fn undone(
    folder: &Path,
    kept: usize,
) -> Result<Vec<Uuid>, EtlError> {
    files::make(folder)?;
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let is_record = path.extension().is_some_and(|it| it == "json");
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let id = name.and_then(|name| Uuid::try_parse(name).ok());
        ids.extend(id.filter(|_| is_record));
    }
    // These ids begin with the time.
    ids.sort();
    let (mut undone, mut ended) = (Vec::new(), Vec::new());
    for id in ids {
        match Record::read(folder, id)? {
            Some(record) if record.outcome.is_none() => undone.push(id),
            _ => ended.push(id),
        }
    }
    let surplus = ended.len().saturating_sub(kept);
    for id in &ended[..surplus] {
        files::clear(&place(folder, *id))?;
    }
    Ok(undone)
}
