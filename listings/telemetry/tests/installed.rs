//! Telemetry for the whole process: one test, as it can be done only once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::HashMap, env, process::Command, time::Duration};

use opentelemetry::{
    global,
    trace::{Span, Tracer},
};
use otlp_console::{Limits, Receiver};
use telemetry::{Config, Telemetry};

/// With everything logged, the exporters' own logs must not be exported: each
/// export would make new ones. gRPC logs most and does so on other threads.
///
/// The program runs as a process of its own, because its console fills many
/// screens.
#[test]
fn the_exporters_do_not_feed_themselves() {
    let output = Command::new(env::current_exe().unwrap())
        .args(["program", "--exact", "--nocapture"])
        .env("TELEMETRY_PROGRAM", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let panic: Vec<_> = text.lines().skip_while(|l| !panicked(l)).collect();
    assert!(output.status.success(), "{}", panic.join("\n"));
}

fn panicked(line: &str) -> bool {
    line.contains("panicked at")
}

/// The program. Does nothing unless the test above has started it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn program() {
    if env::var_os("TELEMETRY_PROGRAM").is_none() {
        return;
    }
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let variables = HashMap::from([
        ("RUST_LOG", "trace,h2=trace,hyper::client=trace".to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.grpc_endpoint()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc".to_owned()),
        ("OTEL_BLRP_SCHEDULE_DELAY", "20".to_owned()),
        ("OTEL_BSP_SCHEDULE_DELAY", "20".to_owned()),
        ("OTEL_METRIC_EXPORT_INTERVAL", "20".to_owned()),
    ]);
    let config =
        Config::from_lookup("test", "1", |name| variables.get(name).cloned());
    let telemetry = Telemetry::start(&config.unwrap()).unwrap();
    telemetry.install().unwrap();
    let error = telemetry.install().unwrap_err().to_string();
    assert!(error.starts_with("cannot install telemetry"), "{error}");

    for _ in 0..10 {
        global::tracer("test").start("by global").end();
        global::meter("test")
            .u64_counter("test.count")
            .build()
            .add(1, &[]);
        tracing::info!("mine");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    telemetry.shutdown(Duration::from_secs(20)).await.unwrap();

    assert!(!receiver.metrics().is_empty());
    let spans = receiver.spans();
    assert_eq!(spans.len(), 10, "{spans:#?}");
    let logs = receiver.logs();
    let mine = logs.iter().filter(|log| log.body.to_string() == "mine");
    assert_eq!(mine.count(), 10);
    let others = logs.iter().filter(|log| log.body.to_string() != "mine");
    let others: Vec<_> = others.map(|log| &log.origin.scope.name).collect();
    // The receiver is in this process too; axum tells of its connections.
    assert!(
        others.iter().all(|name| name.starts_with("axum")),
        "{others:?}"
    );
    assert!(others.len() < 10, "{others:?}");

    let mut headers = http::HeaderMap::new();
    let span = global::tracer("test").start("caller");
    let context = opentelemetry::Context::new();
    let context =
        opentelemetry::trace::TraceContextExt::with_span(&context, span);
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(
            &context,
            &mut opentelemetry_http::HeaderInjector(&mut headers),
        );
    });
    assert_eq!(headers.get("traceparent"), None, "no span after shutdown");
}
