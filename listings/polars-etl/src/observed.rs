//! A query as a span, with a span below it for each node of the engine.

use std::time::SystemTime;

use opentelemetry::{
    Array, Context, KeyValue, StringValue, Value,
    metrics::{Counter, Gauge, Histogram, Meter},
    trace::{
        Span as _, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer,
    },
};
use opentelemetry_sdk::trace::SdkTracer;
use polars::prelude::{LazyFrame, PolarsError, PolarsResult};

use crate::{
    engine::{self, Engine, Node, Plan, Run},
    valve::STOPPED,
};

/// Upper bounds of the buckets in seconds.
const SECONDS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 1800.0,
];

/// Makes spans and metrics of queries.
#[derive(Clone, Debug)]
pub struct Observer {
    pub(crate) tracer: SdkTracer,
    duration: Histogram<f64>,
    pub(crate) stage_duration: Histogram<f64>,
    pub(crate) rows: Counter<u64>,
    pub(crate) bytes: Counter<u64>,
    pub(crate) violations: Counter<u64>,
    pub(crate) memory: Gauge<u64>,
}

impl Observer {
    /// Makes spans with `tracer` and metrics with `meter`.
    pub fn new(tracer: SdkTracer, meter: &Meter) -> Self {
        let counter = |name, unit, what| {
            let counter = meter.u64_counter(name).with_unit(unit);
            counter.with_description(what).build()
        };
        Self {
            tracer,
            stage_duration: meter
                .f64_histogram("etl.stage.duration")
                .with_unit("s")
                .with_description("Time that a stage took.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            rows: counter("etl.rows", "{row}", "Rows read and written."),
            bytes: counter("etl.bytes", "By", "Bytes read and written."),
            violations: counter(
                "etl.quality.violations",
                "{row}",
                "Rows set aside.",
            ),
            memory: meter
                .u64_gauge("etl.stage.memory")
                .with_unit("By")
                .with_description("Where a stage left the memory.")
                .build(),
            duration: meter
                .f64_histogram("polars.query.duration")
                .with_unit("s")
                .with_description("Time from the plan to the result.")
                .with_boundaries(SECONDS.to_vec())
                .build(),
        }
    }
}

// ANCHOR: run-observed
/// Runs `query`, which is called `name`. The frame of the [`Run`] is what
/// `collect` gives.
///
/// The span `polars.query` is a child of the current one. Below it, the
/// streaming engine leaves a span for each of its nodes. They are made when
/// the query has run, out of the engine's counters: a node has no beginning
/// and no end of its own, since all of them work at the same time. So each
/// lasts as long as the query, and `polars.node.busy_time` says how long it
/// computed.
///
/// No value of the data is in any of them.
///
/// # Errors
/// Those of `collect`. The span then has the kind of the error, and not its
/// words, which may quote data.
pub fn run_observed(
    observer: &Observer,
    name: &'static str,
    query: LazyFrame,
    engine: Engine,
) -> PolarsResult<Run> {
    let started = SystemTime::now();
    let context = observer.begin(name, engine, started);
    let ran = {
        let _attached = context.clone().attach();
        run(query, engine, &context)
    };
    observer.end(&ran, &context);
    let seconds = started.elapsed().unwrap_or_default().as_secs_f64();
    observer.measure(seconds, name, engine, &ran);
    ran
}
// ANCHOR_END: run-observed

// ANCHOR: run
fn run(
    query: LazyFrame,
    engine: Engine,
    context: &Context,
) -> PolarsResult<Run> {
    let planned = engine::plan(query, engine)?;
    let span = context.span();
    if span.is_recording() {
        let plan: &Plan = planned.plan();
        let text = plan.text().to_owned();
        span.set_attribute(KeyValue::new("polars.plan.hash", plan.hash()));
        span.set_attribute(KeyValue::new("polars.plan", text));
    }
    planned.run()
}
// ANCHOR_END: run

impl Observer {
    fn begin(
        &self,
        name: &'static str,
        engine: Engine,
        started: SystemTime,
    ) -> Context {
        let parent = Context::current();
        let builder = SpanBuilder::from_name("polars.query")
            .with_kind(SpanKind::Internal)
            .with_start_time(started)
            .with_attributes(query(name, engine));
        let span = self.tracer.build_with_context(builder, &parent);
        parent.with_span(span)
    }

    fn end(&self, ran: &PolarsResult<Run>, context: &Context) {
        let span = context.span();
        match ran {
            Ok(run) => {
                self.nodes(run, context);
                let rows = count(run.frame.height());
                span.set_attribute(KeyValue::new("polars.query.rows", rows));
            }
            Err(error) => {
                let error = error_type(error);
                span.set_attribute(KeyValue::new("error.type", error));
                span.set_status(Status::error(""));
            }
        }
        span.end();
    }

    fn measure(
        &self,
        seconds: f64,
        name: &'static str,
        engine: Engine,
        ran: &PolarsResult<Run>,
    ) {
        let mut point = Vec::from(query(name, engine));
        if let Err(error) = ran {
            point.push(KeyValue::new("error.type", error_type(error)));
        }
        self.duration.record(seconds, &point);
    }
}

/// What both the span and the metric say of a query.
fn query(name: &'static str, engine: Engine) -> [KeyValue; 2] {
    [
        KeyValue::new("polars.query.name", name),
        KeyValue::new("polars.engine", engine.name()),
    ]
}

// ANCHOR: nodes
impl Observer {
    fn nodes(&self, run: &Run, context: &Context) {
        if !context.span().is_recording() {
            return;
        }
        for node in &run.nodes {
            let builder =
                SpanBuilder::from_name(format!("polars.{}", node.kind))
                    .with_kind(SpanKind::Internal)
                    .with_start_time(run.started)
                    .with_attributes(attributes(node));
            let mut span = self.tracer.build_with_context(builder, context);
            span.end_with_timestamp(run.started + run.took);
        }
    }
}
// ANCHOR_END: nodes

// ANCHOR: node-attributes
fn attributes(node: &Node) -> Vec<KeyValue> {
    let inputs = node.inputs.iter().copied().map(count).collect();
    vec![
        KeyValue::new("polars.node.kind", node.kind),
        KeyValue::new("polars.node.id", count(node.id)),
        KeyValue::new("polars.node.inputs", Value::Array(Array::I64(inputs))),
        KeyValue::new("polars.node.rows_in", count(node.rows_in)),
        KeyValue::new("polars.node.rows_out", count(node.rows_out)),
        KeyValue::new("polars.node.morsels_out", count(node.morsels_out)),
        KeyValue::new("polars.node.busy_time", node.busy.as_secs_f64()),
    ]
}
// ANCHOR_END: node-attributes

/// An attribute has no unsigned numbers, and no query has so many rows.
pub(crate) fn count(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

// ANCHOR: error-type
/// The kind of an error: one of a few words.
pub(crate) fn error_type(error: &PolarsError) -> StringValue {
    let word = match error {
        PolarsError::ColumnNotFound(_) => "column_not_found",
        PolarsError::SchemaFieldNotFound(_)
        | PolarsError::SchemaMismatch(_) => "schema",
        PolarsError::IO { .. } => "io",
        PolarsError::NoData(_) => "no_data",
        PolarsError::ShapeMismatch(_) => "shape",
        PolarsError::OutOfBounds(_) => "out_of_bounds",
        PolarsError::Duplicate(_) => "duplicate",
        PolarsError::Context { error, .. } => return error_type(error),
        PolarsError::ComputeError(said) if **said == *STOPPED => "stopped",
        _ => "compute",
    };
    word.into()
}
// ANCHOR_END: error-type
