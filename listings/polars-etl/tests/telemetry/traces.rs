//! The traces that the book shows are the traces that arrive.

use otlp_console::{Golden, Receiver, Trace, golden};

use crate::{day::question, program::Program};

/// What differs each time, and what would make lines too long for a page.
const HIDDEN: [&str; 14] = [
    "etl.bytes_in",
    "etl.bytes_out",
    "etl.compression",
    "etl.memory.allocated",
    "etl.memory.resident",
    "etl.memory.resident_peak",
    "etl.stage",
    "polars.engine",
    "polars.node.busy_time",
    "polars.node.id",
    "polars.node.inputs",
    "polars.node.kind",
    "polars.node.morsels_out",
    "polars.plan",
];

// ANCHOR: matches
/// Compares a trace with its file.
fn assert_matches(file: &str, trace: &Trace) {
    let golden = HIDDEN
        .iter()
        .fold(Golden::default(), |it, name| it.hide(name));
    let rendered = golden.render(trace);
    golden::assert_matches(format!("traces/{file}.txt"), &rendered);
}
// ANCHOR_END: matches

/// The only trace with this root.
fn trace(receiver: &Receiver, root: &str) -> Trace {
    let mut traces = receiver.traces();
    traces.retain(|trace| trace.root().is_some_and(|it| it.name == root));
    assert_eq!(traces.len(), 1, "{root}");
    traces.remove(0)
}

/// Stages and queries, and nothing of the engine's inside.
fn without_nodes(mut trace: Trace) -> Trace {
    let node = "polars.node.kind";
    trace
        .spans
        .retain(|span| !span.attributes.contains_key(node));
    trace
}

async fn run(bad_per_mille: u32, options: &[&str]) -> Trace {
    let program = Program::start(bad_per_mille, options).await;
    program.run().await;
    trace(&program.stop().await.0, "POST /v1/runs")
}

#[tokio::test]
async fn a_run() {
    let ran = run(0, &[]).await;
    assert_matches("run", &without_nodes(ran.clone()));
    // One of its queries, with what is inside.
    let name = |span: &otlp_console::model::Span| {
        let name = span.attributes.get("polars.query.name")?;
        Some((name.to_string(), span.span_id))
    };
    let mut queries = ran.spans.iter().filter_map(name);
    let (_, id) = queries.find(|(name, _)| name == "transform").unwrap();
    let mut query = ran.clone();
    query
        .spans
        .retain(|span| span.span_id == id || span.parent_span_id == Some(id));
    for span in &mut query.spans {
        span.parent_span_id = span.parent_span_id.filter(|it| *it == id);
    }
    assert_matches("transform", &query);
}

#[tokio::test]
async fn a_run_that_sets_orders_aside() {
    let ran = run(20, &[]).await;
    assert_matches("run-quarantine", &without_nodes(ran));
}

#[tokio::test]
async fn a_run_that_fails() {
    let ran = run(20, &["--most-rejected-per-mille", "5"]).await;
    assert_matches("run-failed", &without_nodes(ran));
}

#[tokio::test]
async fn a_question_whose_filter_is_pushed_down() {
    let program = Program::start(0, &[]).await;
    assert_eq!(program.run().await, "done");
    assert_eq!(program.ask(&question()).await.status(), 200);
    let asked = trace(&program.stop().await.0, "POST /v1/query");
    assert_matches("query", &asked);
    let query = asked.spans.iter().find(|span| span.name == "polars.query");
    let plan = query.unwrap().attributes["polars.plan"].to_string();
    golden::assert_matches("traces/query-plan.txt", &plan);
}

#[tokio::test]
async fn a_question_that_takes_too_long() {
    let program = Program::start(0, &["--limit", "0"]).await;
    assert_eq!(program.run().await, "done");
    assert_eq!(program.ask(&question()).await.status(), 504);
    let asked = trace(&program.stop().await.0, "POST /v1/query");
    assert_matches("timeout", &asked);
}
