//! A stage of a run: its span, its metrics, and what it leaves behind.

mod telling;

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    path::{Path, PathBuf},
    time::Instant,
};

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanKind, Status, TraceContextExt, Tracer},
};
use polars::prelude::{LazyFrame, PolarsError, PolarsResult};

use super::{ENGINE, EtlError, Progress, files, note, steps};
use crate::{
    Observer, engine::Run, memory, observed::run_observed, valve::Reason,
};

/// What came of a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that were read.
    pub rows_in: u64,
    /// Rows that were written.
    pub rows_out: u64,
    /// Bytes on disk.
    pub bytes_out: u64,
}

/// Runs stages, each in a span of its own.
pub struct Stages<'a> {
    observer: &'a Observer,
    progress: &'a Progress,
}

/// A stage that runs.
pub(super) struct Stage<'a> {
    name: &'static str,
    observer: &'a Observer,
    progress: &'a Progress,
    bytes_in: Cell<u64>,
    /// The file that it reads, for errors.
    path: RefCell<PathBuf>,
}

impl<'a> Stages<'a> {
    /// Stages that `observer` sees and `progress` tells of.
    pub fn new(observer: &'a Observer, progress: &'a Progress) -> Self {
        Self { observer, progress }
    }

    /// Takes note of rows that break a rule.
    pub(super) fn violations(&self, number: u64, rule: KeyValue) {
        self.observer.violations.add(number, &[rule]);
    }

    /// The span of a whole run.
    pub(super) fn run<T>(
        &self,
        work: impl FnOnce() -> Result<T, EtlError>,
    ) -> Result<T, EtlError> {
        self.span("etl.run", work)
    }
}

// ANCHOR: once
impl<'a> Stages<'a> {
    /// Does `work`, unless `result` is there: an earlier run has done it.
    pub(super) fn once(
        &self,
        name: &'static str,
        result: &Path,
        work: impl FnOnce(&Stage<'a>) -> Result<Outcome, EtlError>,
    ) -> Result<(), EtlError> {
        self.stage(name, |stage| {
            if result.exists() {
                note(KeyValue::new("etl.stage.skipped", true));
                return Ok(());
            }
            let outcome = work(stage)?;
            stage.tell(outcome);
            Ok(())
        })
    }
}
// ANCHOR_END: once

// ANCHOR: stage
impl<'a> Stages<'a> {
    /// A stage with a span and a duration.
    pub(super) fn stage<T>(
        &self,
        name: &'static str,
        work: impl FnOnce(&Stage<'a>) -> Result<T, EtlError>,
    ) -> Result<T, EtlError> {
        let stage = Stage {
            name,
            observer: self.observer,
            progress: self.progress,
            bytes_in: Cell::new(0),
            path: RefCell::default(),
        };
        let clock = Instant::now();
        self.progress.enter(name);
        let done = self.span(format!("etl.{name}"), || {
            note(KeyValue::new("etl.stage", name));
            // Without it, the peak is that of all stages so far.
            let is_own_peak = memory::forget_peak().is_ok();
            let done = work(&stage);
            stage.tell_memory(is_own_peak);
            done
        });
        let mut point = vec![KeyValue::new("etl.stage", name)];
        if let Err(error) = &done {
            point.push(KeyValue::new("error.type", error.kind()));
        }
        let seconds = clock.elapsed().as_secs_f64();
        self.observer.stage_duration.record(seconds, &point);
        done
    }
}
// ANCHOR_END: stage

// ANCHOR: span
impl<'a> Stages<'a> {
    fn span<T>(
        &self,
        name: impl Into<Cow<'static, str>>,
        work: impl FnOnce() -> Result<T, EtlError>,
    ) -> Result<T, EtlError> {
        let tracer = &self.observer.tracer;
        let builder = tracer.span_builder(name).with_kind(SpanKind::Internal);
        let parent = Context::current();
        let span = tracer.build_with_context(builder, &parent);
        let context = parent.with_span(span);
        let done = {
            let _attached = context.clone().attach();
            work()
        };
        let span = context.span();
        if let Err(error) = &done {
            span.set_attribute(KeyValue::new("error.type", error.kind()));
            span.set_status(Status::error(""));
        }
        span.end();
        done
    }
}
// ANCHOR_END: span

impl Stage<'_> {
    /// Takes note of a file that this stage reads.
    pub(super) fn reads(&self, path: &Path) -> Result<(), EtlError> {
        let bytes = files::size(path)?;
        self.bytes_in.set(self.bytes_in.get() + bytes);
        self.looks_at(path);
        Ok(())
    }

    /// Takes note of the file that an error would be about.
    pub(super) fn looks_at(&self, path: &Path) {
        path.clone_into(&mut self.path.borrow_mut());
    }

    /// Runs a query of this stage.
    pub(super) fn query(&self, query: LazyFrame) -> Result<Run, EtlError> {
        let ran = run_observed(self.observer, self.name, query, ENGINE);
        ran.map_err(|cause| self.failed(cause))
    }
}

// ANCHOR: failed
impl Stage<'_> {
    /// What an error of the engine means.
    pub(super) fn failed(&self, cause: PolarsError) -> EtlError {
        let (stage, path) = (self.name, self.path.borrow().clone());
        match self.progress.valve().is_shut() {
            Some(Reason::Memory) => EtlError::Memory { stage },
            Some(Reason::Unwanted) => EtlError::Stopped { stage },
            None => EtlError::Engine { stage, path, cause },
        }
    }
}
// ANCHOR_END: failed

impl Stage<'_> {
    /// Writes the result of `query` as one Parquet file.
    pub(super) fn write(
        &self,
        query: LazyFrame,
        path: &Path,
    ) -> Result<Outcome, EtlError> {
        self.sink(path, |partial| steps::into_parquet(query, partial))
    }

    /// Writes the result of `query` as a folder with a file for each month.
    pub(super) fn write_months(
        &self,
        query: LazyFrame,
        folder: &Path,
    ) -> Result<Outcome, EtlError> {
        self.sink(folder, |partial| steps::into_months(query, partial))
    }

    /// Writes the result of `query` as CSV, for people.
    pub(super) fn write_csv(
        &self,
        query: LazyFrame,
        path: &Path,
    ) -> Result<Outcome, EtlError> {
        self.sink(path, |partial| steps::into_csv(query, partial))
    }

    fn sink(
        &self,
        path: &Path,
        query: impl FnOnce(&Path) -> PolarsResult<LazyFrame>,
    ) -> Result<Outcome, EtlError> {
        let partial = files::partial(path);
        files::clear(&partial)?;
        let query = query(&partial).map_err(|cause| self.failed(cause));
        let ran = query.and_then(|query| self.query(query));
        let ran = match ran {
            Ok(ran) => ran,
            Err(error) => {
                // The first error is the one to tell.
                let _ = files::clear(&partial);
                return Err(error);
            }
        };
        Ok(Outcome {
            rows_in: ran.rows_read(),
            rows_out: ran.rows_written(),
            bytes_out: files::complete(path)?,
        })
    }
}
