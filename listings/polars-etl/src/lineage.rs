//! Lineage: which data was made from which, in the words of [OpenLineage].
//!
//! A trace says how a run went. Lineage says what it read and what it wrote,
//! and stays when traces are long gone. The trace id is in both.
//!
//! [OpenLineage]: https://openlineage.io/docs/spec/object-model

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use opentelemetry::{Context, trace::TraceContextExt};
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::etl::{EtlError, Settings, Summary};

const PRODUCER: &str = concat!(
    "https://github.com/observable-rust/observable-rust/tree/main/listings/\
     polars-etl#",
    env!("CARGO_PKG_VERSION")
);

/// The files of a run's input.
const INPUTS: [&str; 3] = ["orders.csv", "customers.csv", "products.parquet"];

/// Tells of one run, in a file with an event a line.
pub(crate) struct Lineage<'a> {
    settings: &'a Settings,
    file: &'a Path,
    id: Uuid,
}

impl<'a> Lineage<'a> {
    /// For a run with these settings, if they ask for it.
    pub(crate) fn of(settings: &'a Settings) -> Option<Self> {
        Some(Self {
            settings,
            file: settings.lineage.as_deref()?,
            id: Uuid::now_v7(),
        })
    }

    /// The run begins.
    pub(crate) fn start(&self) {
        self.tell("START", Map::new(), Vec::new());
    }

    /// The run has ended.
    pub(crate) fn end(&self, ended: &Result<Summary, EtlError>) {
        match ended {
            Ok(summary) => match output(summary) {
                Ok(made) => self.tell("COMPLETE", Map::new(), vec![made]),
                Err(error) => lost(&error),
            },
            Err(error) => {
                let name = "ErrorMessageRunFacet";
                // Its kind: the words may quote data.
                let message = json!({
                    "message": error.kind(), "programmingLanguage": "RUST",
                });
                let message = facet("1-0-1", name, message);
                let facets = [("errorMessage".to_owned(), message)];
                self.tell("FAIL", Map::from_iter(facets), Vec::new());
            }
        }
    }

    fn tell(
        &self,
        kind: &str,
        facets: Map<String, Value>,
        outputs: Vec<Value>,
    ) {
        let told = self.event(kind, facets, outputs);
        if let Err(error) = told.and_then(|event| append(self.file, &event)) {
            lost(&error);
        }
    }
}

// ANCHOR: event
impl<'a> Lineage<'a> {
    fn event(
        &self,
        kind: &str,
        mut facets: Map<String, Value>,
        outputs: Vec<Value>,
    ) -> io::Result<Value> {
        let context = Context::current();
        let trace = context.span().span_context().trace_id().to_string();
        let tag = json!({"key": "trace_id", "value": trace});
        let tags = json!({"tags": [tag]});
        let tags = facet("1-0-0", "TagsRunFacet", tags);
        facets.insert("tags".to_owned(), tags);
        let job = json!({
            "processingType": "BATCH",
            "integration": "POLARS",
            "jobType": "JOB",
        });
        let inputs = INPUTS.map(|name| self.settings.input.join(name));
        let inputs: io::Result<Vec<_>> = inputs.iter().map(dataset).collect();
        let now = OffsetDateTime::now_utc().format(&Rfc3339);
        Ok(json!({
            "eventType": kind,
            "eventTime": now.map_err(io::Error::other)?,
            "producer": PRODUCER,
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json\
                          #/$defs/RunEvent",
            "run": {"runId": self.id, "facets": facets},
            "job": {
                "namespace": "polars-etl",
                "name": "monthly_sales",
                "facets": {"jobType": facet("2-0-4", "JobTypeJobFacet", job)},
            },
            "inputs": inputs?,
            "outputs": outputs,
        }))
    }
}
// ANCHOR_END: event

/// A run whose lineage is lost is still a run.
fn lost(error: &io::Error) {
    tracing::warn!(
        name: "lineage.lost",
        { error.type = error.kind().to_string() },
        "an event of the lineage could not be written"
    );
}

/// A part of an event that has a schema of its own.
fn facet(version: &str, name: &str, mut fields: Value) -> Value {
    fields["_producer"] = json!(PRODUCER);
    fields["_schemaURL"] = json!(format!(
        "https://openlineage.io/spec/facets/{version}/{name}.json\
         #/$defs/{name}"
    ));
    fields
}

/// A file, by the name that OpenLineage gives to files on a disk.
fn dataset(path: impl AsRef<Path>) -> io::Result<Value> {
    let path = std::path::absolute(path)?;
    Ok(json!({"namespace": "file", "name": path, "facets": {}}))
}

/// What a run has made.
fn output(summary: &Summary) -> io::Result<Value> {
    let (mut size, mut files) = (0, 0);
    for entry in fs::read_dir(&summary.sales)? {
        for file in fs::read_dir(entry?.path())? {
            size += file?.metadata()?.len();
            files += 1;
        }
    }
    let statistics = json!({"size": size, "fileCount": files});
    let name = "OutputStatisticsOutputDatasetFacet";
    let mut made = dataset(&summary.sales)?;
    made["outputFacets"] = json!({
        "outputStatistics": facet("1-0-2", name, statistics),
    });
    Ok(made)
}

// ANCHOR: append
/// A line is one write, so that two processes may share the file.
fn append(file: &Path, event: &Value) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(&line)?;
    file.sync_data()
}
// ANCHOR_END: append
