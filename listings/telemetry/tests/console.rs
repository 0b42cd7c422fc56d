//! What a program says on standard error: this test runs itself as one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::HashMap, env, process::Command, time::Duration};

use telemetry::{Config, Telemetry};

/// The program. Does nothing unless the test below has started it.
#[tokio::test]
async fn program() {
    if env::var_os("TELEMETRY_PROGRAM").is_none() {
        return;
    }
    let config = Config::from_env("program", "1").unwrap();
    let telemetry = Telemetry::start(&config).unwrap();
    telemetry.install().unwrap();
    tracing::info_span!("work").in_scope(|| tracing::info!("in a trace"));
    tracing::info!("in none");
    tracing::error!("bad");
    let header = [("baggage".to_owned(), "ada@example.com".to_owned())];
    telemetry.propagator().extract(&HashMap::from(header));
    let loss = telemetry.shutdown(Duration::from_secs(20)).await;
    eprintln!("{}", loss.unwrap_err());
}

fn run(rust_log: &str) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["program", "--exact", "--nocapture"])
        .env("TELEMETRY_PROGRAM", "1")
        .env("RUST_LOG", rust_log)
        // Port 1 is reserved: nobody listens.
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

fn line<'a>(text: &'a str, part: &str) -> &'a str {
    let line = text.lines().find(|line| line.contains(part));
    line.unwrap_or_else(|| panic!("no {part:?} in:\n{text}"))
}

#[test]
fn lines_for_people_end_with_the_trace_id() {
    let text = run("info");
    let (_, id) = line(&text, "in a trace").split_once("trace_id=").unwrap();
    assert_eq!(id.len(), 32, "{id}");
    assert!(!line(&text, "in none").contains("trace_id"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours in a pipe: {text}");
}

#[test]
fn loss_is_visible_however_quiet_the_log() {
    let text = run("off");
    assert!(!text.contains("in a trace"), "{text}");
    assert!(!text.contains("bad"), "{text}");
    assert!(
        line(&text, "BatchSpanProcessor").contains("ERROR"),
        "{text}"
    );
    let report = line(&text, "not all telemetry was delivered");
    assert!(
        report.contains("delivered 0 of 1 (1 failed) spans"),
        "{report}"
    );
    assert!(
        report.contains("http://127.0.0.1:1/v1/traces: "),
        "{report}"
    );
}

#[test]
fn what_a_caller_writes_into_baggage_is_not_logged() {
    for rust_log in ["off", "trace"] {
        let text = run(rust_log);
        assert!(text.contains("not all telemetry"), "{text}");
        assert!(!text.contains("ada@example.com"), "{text}");
    }
}

#[test]
fn a_quieter_log_does_not_thin_out_the_traces() {
    let text = run("error");
    assert!(text.contains("bad"), "{text}");
    assert!(!text.contains("in none"), "{text}");
    let report = line(&text, "not all telemetry was delivered");
    assert!(report.contains("0 of 1 (1 failed) spans"), "{report}");
    assert!(report.contains("0 of 1 (1 failed) log records"), "{report}");
}
