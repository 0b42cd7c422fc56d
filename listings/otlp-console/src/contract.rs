//! The telemetry contract of a listing: what it says it emits, compared with
//! what arrives.
//!
//! The contract is `telemetry/registry.yaml`, in the registry format of the
//! OpenTelemetry semantic conventions, which OpenTelemetry's own tool
//! [Weaver] reads too (`schemas/semconv-syntax.md` in its repository).
//! `manifest.yaml` beside it names the version of the semantic conventions
//! that a `ref` may point to.
//!
//! # Format
//!
//! `groups` is a list. Every group has `id`, `type`, `brief`, `attributes`,
//! and, unless it is an `attribute_group`, `stability`; `note` adds a
//! paragraph to the page.
//!
//! | `type` | describes | has also |
//! |---|---|---|
//! | `attribute_group` | own attributes; its id is `registry.NAMESPACE` | |
//! | `entity` | the resource | `name` |
//! | `span` | spans of one kind | `span_kind`, `events` |
//! | `metric` | one metric | `metric_name`, `instrument`, `unit` |
//! | `event` | log records of one event name | `name` |
//!
//! An attribute is defined once (`id`, `type`, `brief`, `stability`,
//! `examples`) and used by `ref`. A `ref` points to a definition in the file
//! or in the semantic conventions, and has a `requirement_level`: `required`,
//! `conditionally_required: …`, `recommended` (the default) or `opt_in`.
//!
//! What the format has no field for is in `annotations`, which Weaver leaves
//! alone. On a `span`:
//!
//! - `span_name.templates` says how the name is made: the first template
//!   whose attributes are all present holds.
//! - `span_name.names` lists all names that come out: a full list keeps the
//!   cardinality low. Templates without attributes need none.
//! - `parents` lists ids of span groups, `root` (no parent) or `remote` (one
//!   that was not received). Without it any parent will do.
//! - `links` lists ids of span groups, or `remote`. Without it no link will do.
//!
//! On an `event`:
//!
//! - `severity` is `trace`, `debug`, `info`, `warn`, `error` or `fatal`.
//! - `outside_trace: true` lets the record have no trace id.
//!
//! On an attribute of a span:
//!
//! - `required_if: error` requires it when the span's status is Error.
//!
//! [Weaver]: https://github.com/open-telemetry/weaver

mod attributes;
mod audit;
mod check;
mod coverage;
mod file;
mod logs;
mod metrics;
mod problem;
mod registry;
mod resolve;
mod semconv;
mod span_name;
mod spans;
mod tables;
mod value_type;
mod violation;

pub use self::{
    problem::Problem,
    registry::{LoadError, Registry},
    violation::{Signal, Unseen, Violation},
};
pub use crate::golden::assert_matches as assert_current;
use crate::{
    Receiver,
    model::{LogRecord, Metric, Span},
};

/// Everything that a test received.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Telemetry {
    /// All spans of all services.
    pub spans: Vec<Span>,
    /// All log records.
    pub logs: Vec<LogRecord>,
    /// All metrics, each with its points.
    pub metrics: Vec<Metric>,
}

impl From<&Receiver> for Telemetry {
    /// Takes what has arrived so far.
    fn from(receiver: &Receiver) -> Self {
        Self {
            spans: receiver.spans(),
            logs: receiver.logs(),
            metrics: receiver.metrics(),
        }
    }
}
