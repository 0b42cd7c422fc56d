//! Received telemetry in a form that is easy to read and to compare.
//!
//! The types follow the OTLP data model 1.x: every span, log record and metric
//! knows its resource and its instrumentation scope.

mod log;
mod metric;
mod origin;
mod span;
mod text;
mod value;

pub use log::LogRecord;
pub use metric::{Instrument, Metric, Number, Point, Temporality};
pub use origin::{Origin, Resource, Scope};
pub use span::{Event, Link, Span, SpanId, SpanKind, Status, TraceId};
pub use value::{Attributes, Value};
