//! Where finished traces go.

use super::metrics;
use crate::{
    capture,
    detail::Remark,
    model::{LogRecord, Metric},
    svg,
    terminal::{Seen, Terminal},
    text::escaped,
    trace::Trace,
};
use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

/// What is written to the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A tree for each trace.
    Tree(Terminal),
    /// A line of OTLP/JSON for each span and log record.
    Json,
}

/// A picture of the last printed trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SvgFile {
    /// Where it is written.
    pub path: PathBuf,
    /// Only traces with this root span, if given.
    pub root: Option<String>,
}

/// Something to write.
pub(crate) enum Job {
    /// Lines that are finished.
    Lines(String),
    /// A trace, what of it was written before, and a note.
    Trace {
        trace: Arc<Trace>,
        seen: Option<Seen>,
        note: &'static str,
    },
    /// A trace that leaves memory now that all before it is written.
    Release(Arc<Trace>),
}

pub(crate) struct Output<W> {
    pub(crate) writer: W,
    pub(crate) format: Format,
    pub(crate) svg: Option<SvgFile>,
}

impl<W: Write> Output<W> {
    pub(super) fn write(&mut self, jobs: Vec<Job>) -> io::Result<()> {
        for job in jobs {
            match job {
                Job::Lines(lines) => self.writer.write_all(lines.as_bytes())?,
                Job::Trace { trace, seen, note } => {
                    self.trace(&trace, seen, note)?;
                }
                Job::Release(trace) => drop(trace),
            }
        }
        self.writer.flush()
    }

    fn trace(
        &mut self,
        trace: &Trace,
        seen: Option<Seen>,
        note: &str,
    ) -> io::Result<()> {
        match self.format {
            Format::Tree(terminal) => {
                let tree = terminal.render_again(trace, seen, note);
                writeln!(self.writer, "{tree}")?;
            }
            Format::Json => self.lines(trace, seen.unwrap_or_default())?,
        }
        self.draw(trace)
    }

    fn lines(&mut self, trace: &Trace, seen: Seen) -> io::Result<()> {
        for span in trace.spans.iter().skip(seen.spans) {
            writeln!(self.writer, "{}", capture::span_line(span))?;
        }
        for log in trace.logs.iter().skip(seen.logs) {
            writeln!(self.writer, "{}", capture::log_line(log))?;
        }
        Ok(())
    }

    fn draw(&self, trace: &Trace) -> io::Result<()> {
        let Some(file) = &self.svg else { return Ok(()) };
        let root = trace.root().map(|root| &root.name);
        if file.root.is_some() && file.root.as_ref() != root {
            return Ok(());
        }
        fs::write(&file.path, svg::waterfall(trace)).map_err(|source| {
            let path = file.path.display();
            io::Error::new(source.kind(), format!("{path}: {source}"))
        })
    }
}

/// Appends a line for each log record.
pub(super) fn logs<'l>(
    lines: &mut String,
    logs: impl Iterator<Item = &'l LogRecord>,
    format: Format,
) {
    for log in logs {
        *lines += &match format {
            Format::Json => capture::log_line(log),
            Format::Tree(_) => {
                let service = escaped(log.origin.service());
                let text = Remark::log(log, 0).text;
                format!("log  {service}  {text}")
            }
        };
        lines.push('\n');
    }
}

/// Appends a line for each point.
pub(super) fn metrics(lines: &mut String, metrics: &[Metric]) {
    for line in metrics.iter().flat_map(metrics::lines) {
        *lines += &line;
        lines.push('\n');
    }
}
