//! Traces in a file: one span or log record a line, in OTLP/JSON.
//!
//! This is the format of OpenTelemetry's file exporter ("OpenTelemetry
//! Protocol File Exporter"), so the Collector and other tools read it too.

use crate::{
    limits::Limits,
    model::{LogRecord, Span},
    otlp::{
        Arrival, Export, encode,
        json::{parse, without_defaults},
    },
    store::Store,
    trace::Trace,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest,
};
use serde::Serialize;
use serde_json::Value;

/// A line that is no span and no log record.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct CaptureError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// The span as one line, without a line feed. An attribute that is no finite
/// number becomes text, because JSON has no other way to write it.
///
/// # Errors
///
/// When the span cannot be written as JSON.
pub fn span_line(span: &Span) -> Result<String, serde_json::Error> {
    line(&encode::span(span))
}

/// The log record as one line, without a line feed.
///
/// # Errors
///
/// As for [`span_line`].
pub fn log_line(log: &LogRecord) -> Result<String, serde_json::Error> {
    line(&encode::log(log))
}

fn line(message: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut message = serde_json::to_value(message)?;
    without_defaults(&mut message);
    Ok(message.to_string())
}

/// Reads lines back, as traces in the order of their first lines. Empty
/// lines, metrics, and logs without a trace are skipped.
///
/// # Errors
///
/// At the first line that is not OTLP/JSON or that a receiver would reject.
pub fn read(text: &str) -> Result<Vec<Trace>, CaptureError> {
    let unlimited = Limits {
        spans: usize::MAX,
        logs: usize::MAX,
        held_bytes: usize::MAX,
        ..Limits::default()
    };
    let mut store = Store::new(unlimited);
    for (line, text) in (1..).zip(text.lines()) {
        let error = |reason| CaptureError { line, reason };
        if text.trim().is_empty() {
            continue;
        }
        let message = serde_json::from_str(text)
            .map_err(|source| error(source.to_string()))?;
        store.insert(arrival(text, &message).map_err(error)?);
    }
    Ok(store.traces().cloned().collect())
}

fn arrival(text: &str, message: &Value) -> Result<Arrival, String> {
    let holds = |name: &str| message.get(name).is_some();
    if holds("resourceSpans") {
        unpack::<ExportTraceServiceRequest>(text)
    } else if holds("resourceLogs") {
        unpack::<ExportLogsServiceRequest>(text)
    } else if holds("resourceMetrics") {
        Ok(Arrival::default())
    } else {
        Err("expected resourceSpans or resourceLogs".to_owned())
    }
}

/// The file format's messages have the fields of the requests.
fn unpack<E: Export>(text: &str) -> Result<Arrival, String> {
    let request: E = parse(text.as_bytes()).map_err(|e| e.to_string())?;
    match request.unpack() {
        (arrival, rejected) if rejected.count == 0 => Ok(arrival),
        (_, rejected) => Err(rejected.reason),
    }
}

#[cfg(test)]
mod tests;
