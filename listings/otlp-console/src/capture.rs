//! Traces in a file: one span or log record a line, in OTLP/JSON.
//!
//! This is the format of OpenTelemetry's file exporter ("OpenTelemetry
//! Protocol File Exporter"), so the Collector and other tools read it too.

use crate::{
    limits::Limits,
    model::{LogRecord, Span},
    otlp::{
        Arrival, Export,
        batch::{self, Format},
        encode, json, schema,
    },
    store::Store,
    trace::Trace,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest,
};
use serde::{Deserialize, de::IgnoredAny};

/// A line that is no span and no log record.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct CaptureError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// The span as one line, without a line feed.
pub fn span_line(span: &Span) -> String {
    json::text(&encode::span(span), &schema::TRACES)
}

/// The log record as one line, without a line feed.
pub fn log_line(log: &LogRecord) -> String {
    json::text(&encode::log(log), &schema::LOGS)
}

/// Reads lines back, as traces in the order of their first lines. Empty
/// lines, metrics, and logs without a trace are skipped.
///
/// # Errors
///
/// At the first line that is not OTLP/JSON or that a receiver would reject.
pub fn read(text: &str) -> Result<Vec<Trace>, CaptureError> {
    let (traces, left_out) = read_readable(text);
    left_out.into_iter().next().map_or(Ok(traces), Err)
}

/// Reads what can be read, and names each line of which something was left
/// out: the last one, for example, where a program was ended as it wrote.
pub fn read_readable(text: &str) -> (Vec<Trace>, Vec<CaptureError>) {
    let mut store = Store::new(Limits::unlimited());
    let mut left_out = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let mut leave_out = |reason| {
            left_out.push(CaptureError { line, reason });
        };
        match arrival(text) {
            Ok((arrival, rejected)) => {
                rejected.map(&mut leave_out);
                store.insert(arrival);
            }
            Err(reason) => leave_out(reason),
        }
    }
    (store.traces().cloned().collect(), left_out)
}

/// Which signal a line holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signal {
    #[serde(alias = "resource_spans")]
    resource_spans: Option<IgnoredAny>,
    #[serde(alias = "resource_logs")]
    resource_logs: Option<IgnoredAny>,
    #[serde(alias = "resource_metrics")]
    resource_metrics: Option<IgnoredAny>,
}

fn arrival(text: &str) -> Result<(Arrival, Option<String>), String> {
    let signal: Signal =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    if signal.resource_spans.is_some() {
        unpack::<ExportTraceServiceRequest>(text)
    } else if signal.resource_logs.is_some() {
        unpack::<ExportLogsServiceRequest>(text)
    } else if signal.resource_metrics.is_some() {
        Ok((Arrival::default(), None))
    } else {
        Err("expected resourceSpans or resourceLogs".to_owned())
    }
}

/// The file format's messages have the fields of the requests.
fn unpack<E: Export>(text: &str) -> Result<(Arrival, Option<String>), String> {
    batch::read::<E>(text.as_bytes(), Format::Json, &Limits::unlimited())
        .map(batch::Batch::whole)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
