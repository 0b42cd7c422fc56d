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

pub(crate) struct Output<W> {
    pub(crate) writer: W,
    pub(crate) format: Format,
    pub(crate) metrics: bool,
    pub(crate) svg: Option<SvgFile>,
}

impl<W: Write> Output<W> {
    pub(super) fn trace(
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
            writeln!(self.writer, "{}", capture::span_line(span)?)?;
        }
        for log in trace.logs.iter().skip(seen.logs) {
            writeln!(self.writer, "{}", capture::log_line(log)?)?;
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

    pub(super) fn logs<'l>(
        &mut self,
        logs: impl Iterator<Item = &'l LogRecord>,
    ) -> io::Result<()> {
        for log in logs {
            match self.format {
                Format::Json => {
                    writeln!(self.writer, "{}", capture::log_line(log)?)?;
                }
                Format::Tree(_) => {
                    let service = escaped(log.origin.service());
                    let text = Remark::log(log, 0).text;
                    writeln!(self.writer, "log  {service}  {text}")?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn metrics(&mut self, metrics: &[Metric]) -> io::Result<()> {
        if self.metrics {
            for line in metrics.iter().flat_map(metrics::lines) {
                writeln!(self.writer, "{line}")?;
            }
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
