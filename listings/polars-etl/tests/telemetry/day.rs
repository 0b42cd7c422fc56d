//! A day with everything in it.

use std::{fs, path::Path};

use otlp_console::contract::Telemetry;
use serde_json::{Value, json};

use crate::program::Program;

/// Sorted, cut, summed up.
pub(crate) fn question() -> Value {
    json!({
        "dataset": "sales",
        "filters": [{"column": "month", "is": "equal", "value": "2026-03"}],
        "group_by": ["country"],
        "aggregates": [{"function": "sum", "of": "revenue_cents"}],
        "limit": 3,
    })
}

/// Everything that the program sends, by one of its names.
pub(crate) async fn everything() -> Telemetry {
    let mut all = a_good_day().await;
    for more in [a_bad_day().await, a_slow_day().await] {
        all.spans.extend(more.spans);
        all.logs.extend(more.logs);
        all.metrics.extend(more.metrics);
    }
    all
}

async fn a_good_day() -> Telemetry {
    let program = Program::start(20, &[]).await;
    assert_eq!(program.run().await, "done");
    // Again: there is nothing to do.
    assert_eq!(program.run().await, "done");
    assert_eq!(program.ask(&question()).await.status(), 200);
    let orders = json!({"dataset": "orders", "select": ["month"], "limit": 9});
    assert_eq!(program.ask(&orders).await.status(), 200);
    for (path, status) in [
        ("/v1/datasets", 200),
        ("/health/live", 204),
        ("/health/ready", 204),
        ("/openapi.json", 200),
        ("/nowhere", 404),
    ] {
        assert_eq!(program.get(path).await.status(), status, "{path}");
    }
    Telemetry::from(&program.stop().await.0)
}

async fn a_bad_day() -> Telemetry {
    let strict = ["--most-rejected-per-mille", "0"];
    let program = Program::start(300, &strict).await;
    assert_eq!(program.run().await, "failed");
    // Two more. What is written down of the second is not what was meant.
    let places = [program.post_run().await, program.post_run().await];
    let output = program.folder.path().join("output");
    let record = places[1].replace("/v1/runs", "requests") + ".json";
    fs::write(output.join(record), "nonsense").unwrap();
    assert_eq!(program.run().await, "failed");
    assert_eq!(program.get(&places[1]).await.status(), 500);
    spoil(&output);
    assert_eq!(program.ask(&question()).await.status(), 500);
    Telemetry::from(&program.stop().await.0)
}

/// Results that are none.
fn spoil(output: &Path) {
    let sales = output.join("runs").join("spoilt").join("sales");
    fs::create_dir_all(&sales).unwrap();
    fs::write(sales.join("0.parquet"), "PAR1 and no more PAR1").unwrap();
    fs::write(output.join("CURRENT"), "spoilt").unwrap();
}

async fn a_slow_day() -> Telemetry {
    let nowhere = ["--limit", "0", "--lineage", "/dev/null/nowhere"];
    let program = Program::start(0, &nowhere).await;
    assert_eq!(program.run().await, "done");
    assert_eq!(program.ask(&question()).await.status(), 504);
    Telemetry::from(&program.stop().await.0)
}
