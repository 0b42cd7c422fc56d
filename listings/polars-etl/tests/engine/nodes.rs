//! Each node of the engine is a span, and its numbers are true.

use std::collections::BTreeMap;

use otlp_console::model::Span;
use polars::prelude::{IntoLazy as _, LazyFrame, col, lit};
use polars_etl::{engine::Engine, run_observed};

use crate::lab::{Lab, in_parquet, measurements};

fn by_group(rows: LazyFrame) -> LazyFrame {
    rows.filter(col("value").lt(lit(50)))
        .group_by([col("group")])
        .agg([col("value").sum()])
}

fn number(span: &Span, name: &str) -> i64 {
    span.attributes[name].to_string().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_says_how_many_rows_it_got_and_gave() {
    let lab = Lab::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("measurements.parquet");
    let rows = in_parquet(&file, measurements(10_000));
    let query = by_group(rows);
    let run = run_observed(&lab.observer, "groups", query, Engine::Streaming);
    assert_eq!(run.unwrap().frame.height(), 10);
    let receiver = lab.stop().await;
    let spans: BTreeMap<_, _> = receiver
        .spans()
        .into_iter()
        .map(|span| (span.name.clone(), span))
        .collect();
    let names: Vec<_> = spans.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "polars.group_by",
            "polars.in_memory_sink",
            "polars.project",
            "polars.query",
            "polars.scan"
        ]
    );
    let query = &spans["polars.query"];
    for (name, span) in &spans {
        if name != "polars.query" {
            assert_eq!(span.parent_span_id, Some(query.span_id), "{name}");
            assert!(span.start_unix_nano >= query.start_unix_nano, "{name}");
            assert!(span.end_unix_nano <= query.end_unix_nano, "{name}");
        }
    }
    let sink = &spans["polars.in_memory_sink"];
    let groups = &spans["polars.group_by"];
    let scan = &spans["polars.scan"];
    // The filter has been pushed into the scan.
    assert_eq!(number(scan, "polars.node.rows_out"), 5_000);
    assert_eq!(number(groups, "polars.node.rows_in"), 5_000);
    assert_eq!(number(groups, "polars.node.rows_out"), 10);
    assert_eq!(number(sink, "polars.node.rows_in"), 10);
    assert_eq!(number(query, "polars.query.rows"), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_engine_has_no_nodes_and_says_so() {
    let lab = Lab::start().await;
    let query = by_group(measurements(100).lazy());
    run_observed(&lab.observer, "groups", query, Engine::InMemory).unwrap();
    let spans = lab.stop().await.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["polars.query"]);
    let engine = spans[0].attributes["polars.engine"].to_string();
    assert_eq!(engine, "in-memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_a_kind_and_no_words() {
    let lab = Lab::start().await;
    let query = measurements(10).lazy().select([col("ada@example.com")]);
    run_observed(&lab.observer, "wrong", query, Engine::Streaming)
        .map(|_| ())
        .unwrap_err();
    let spans = lab.stop().await.spans();
    let error = spans[0].attributes["error.type"].to_string();
    assert_eq!(error, "column_not_found");
    assert!(!format!("{spans:?}").contains("ada@example.com"));
}
