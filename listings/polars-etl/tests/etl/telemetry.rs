//! What a run leaves in a receiver.

use std::{collections::BTreeMap, time::Duration};

use otlp_console::{
    Limits, Receiver,
    model::{Span, Status},
};
use polars_etl::{
    Observer,
    etl::{self, Progress, Settings},
};
use telemetry::{Config, Telemetry};
use tokio::task::spawn_blocking;

use crate::lab::shop;

/// Runs the pipeline, and gives what arrived.
async fn observed(settings: &Settings) -> Receiver {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let config = Config::from_lookup("polars-etl", "0", |name: &str| {
        (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone())
    });
    let telemetry = Telemetry::start(&config.unwrap()).unwrap();
    let observer =
        Observer::new(telemetry.tracer("etl"), &telemetry.meter("etl"));
    let settings = settings.clone();
    let run = spawn_blocking(move || {
        // Some of the runs are to fail.
        let _ = etl::run(&observer, &settings, &Progress::default());
    });
    run.await.unwrap();
    let deadline = Duration::from_secs(300);
    telemetry.shutdown(deadline).await.unwrap();
    receiver
}

/// The stages by name, and the run.
fn stages(receiver: &Receiver) -> BTreeMap<String, Span> {
    let spans = receiver.spans().into_iter();
    spans
        .filter(|span| span.name.starts_with("etl."))
        .map(|span| (span.name.clone(), span))
        .collect()
}

fn number(span: &Span, name: &str) -> i64 {
    let value = span.attributes.get(name);
    let value = value.unwrap_or_else(|| panic!("{}: {name}", span.name));
    value.to_string().parse().unwrap()
}

#[tokio::test]
async fn each_stage_is_a_span_with_its_rows_and_bytes() {
    let (_folder, settings, faults) = shop(5_000, 20);
    let receiver = observed(&settings).await;
    let stages = stages(&receiver);
    let names: Vec<_> = stages.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "etl.balance",
            "etl.extract",
            "etl.judge",
            "etl.load",
            "etl.run",
            "etl.transform",
            "etl.validate",
        ]
    );
    let run = &stages["etl.run"];
    for (name, stage) in &stages {
        assert_eq!(stage.trace_id, run.trace_id, "{name}");
        if name != "etl.run" {
            assert_eq!(stage.parent_span_id, Some(run.span_id), "{name}");
            let peak = number(stage, "etl.memory.resident_peak");
            assert!(peak >= number(stage, "etl.memory.resident"), "{name}");
            assert!(number(stage, "etl.memory.allocated") > 0, "{name}");
        }
    }
    let orders = settings.input.join("orders.csv");
    let size = std::fs::metadata(orders).unwrap().len();
    let extract = &stages["etl.extract"];
    assert_eq!(number(extract, "etl.rows_in"), 5_000);
    assert_eq!(number(extract, "etl.rows_out"), 5_000);
    assert_eq!(number(extract, "etl.bytes_in"), size.cast_signed());
    assert!(number(extract, "etl.bytes_out") > 0);
    let wrong = faults.total().cast_signed();
    assert_eq!(number(&stages["etl.judge"], "etl.rows_rejected"), wrong);
    // Orders, customers, and products: the good ones go in.
    let transform = &stages["etl.transform"];
    let sources = 5_000 - wrong + 250 + 200;
    assert_eq!(number(transform, "etl.rows_in"), sources);
    let rows = number(transform, "etl.rows_out");
    assert_eq!(number(&stages["etl.load"], "etl.rows_in"), rows);
    assert_eq!(number(&stages["etl.load"], "etl.rows_out"), rows);
    for name in ["lines", "orders", "units", "revenue_cents"] {
        let name = format!("etl.balance.{name}");
        assert_eq!(number(&stages["etl.balance"], &name), 0, "{name}");
    }
}

#[tokio::test]
async fn what_was_done_is_skipped_and_a_failure_says_its_kind() {
    let (_folder, mut settings, _) = shop(2_000, 20);
    settings.most_rejected = 0.0;
    let failed = stages(&observed(&settings).await);
    for name in ["etl.judge", "etl.run"] {
        assert!(matches!(failed[name].status, Status::Error(_)), "{name}");
        let error = failed[name].attributes["error.type"].to_string();
        assert_eq!(error, "quality", "{name}");
    }
    assert!(!failed.contains_key("etl.transform"));
    settings.most_rejected = 1.0;
    let second = stages(&observed(&settings).await);
    for (name, is_new) in [("etl.extract", false), ("etl.load", true)] {
        let skipped = second[name].attributes.contains_key("etl.stage.skipped");
        assert_ne!(skipped, is_new, "{name}");
    }
}

#[tokio::test]
async fn nothing_of_the_data_leaves() {
    let (folder, settings, _) = shop(2_000, 50);
    let receiver = observed(&settings).await;
    let all = format!(
        "{:?} {:?} {:?}",
        receiver.spans(),
        receiver.logs(),
        receiver.metrics()
    );
    let place = folder.path().to_str().unwrap();
    for secret in ["example.com", "2026-0", "n/a", place] {
        assert!(!all.contains(secret), "{secret}");
    }
    for metric in [
        "etl.stage.duration",
        "etl.rows",
        "etl.bytes",
        "etl.quality.violations",
        "polars.query.duration",
    ] {
        assert!(all.contains(metric), "{metric}");
    }
}
