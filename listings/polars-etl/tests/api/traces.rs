//! The traces that the book shows are the traces that arrive.

use otlp_console::{Golden, Trace, golden};
use serde_json::json;

use crate::lab::{Capacity, Lab, SHOP, traces_of};

/// Compares a trace with its file. Left out is what differs each time.
fn assert_matches(file: &str, trace: &Trace) {
    let hidden = ["id", "inputs", "morsels_out", "busy_time"];
    let golden = hidden.iter().fold(Golden::default(), |golden, name| {
        golden.hide(&format!("polars.node.{name}"))
    });
    let golden = golden.hide("polars.plan");
    let rendered = golden.render(trace);
    golden::assert_matches(format!("traces/{file}.txt"), &rendered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_whose_filter_is_pushed_down() {
    let lab = Lab::start().await;
    lab.rows(&json!({
        "dataset": "sales",
        "filters": [{"column": "month", "is": "equal", "value": "2026-03"}],
        "group_by": ["country"],
        "aggregates": [{"function": "sum", "of": "revenue_cents"}],
        "limit": 3,
    }))
    .await;
    let receiver = lab.stop().await;
    let trace = &traces_of(&receiver, "POST /v1/query")[0];
    assert_matches("query", trace);
    let query = trace.spans.iter().find(|span| span.name == "polars.query");
    let plan = query.unwrap().attributes["polars.plan"].to_string();
    golden::assert_matches("traces/query-plan.txt", &plan);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_takes_too_long() {
    let can = Capacity {
        limit: std::time::Duration::ZERO,
        ..Capacity::default()
    };
    let lab = Lab::with(&SHOP.settings, can).await;
    let answer = lab.ask(&json!({"dataset": "sales"})).await;
    assert_eq!(answer.status(), 504);
    let receiver = lab.stop().await;
    assert_matches("timeout", &traces_of(&receiver, "POST /v1/query")[0]);
}
