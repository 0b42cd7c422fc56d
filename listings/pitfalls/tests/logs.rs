//! From a `tracing` event to a log record.
#![allow(clippy::unwrap_used)]

use std::env;

use opentelemetry::trace::TracerProvider;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::LogExporter;
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
use otlp_console::{Limits, Receiver};
use pitfalls::{GONE, in_memory, in_own_process};
use tracing::{info, info_span};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// A provider that keeps each log record in memory.
fn in_memory_logs() -> (SdkLoggerProvider, InMemoryLogExporter) {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    (provider, exporter)
}

// ANCHOR: twice
#[test]
fn each_log_arrives_twice() {
    let span_events_and_logs = |only_spans: bool| {
        let (tracer_provider, spans) = in_memory();
        let (logger_provider, logs) = in_memory_logs();
        let bridge = tracing_opentelemetry::layer()
            .with_tracer(tracer_provider.tracer("pitfalls"))
            .with_filter(filter_fn(move |m| m.is_span() || !only_spans));
        let subscriber = tracing_subscriber::registry()
            .with(bridge)
            .with(OpenTelemetryTracingBridge::new(&logger_provider));

        tracing::subscriber::with_default(subscriber, || {
            info_span!("order.price").in_scope(|| info!("priced"));
        });

        let span = spans.get_finished_spans().unwrap().remove(0);
        let log = logs.get_emitted_logs().unwrap().remove(0).record;
        let context = log.trace_context().unwrap();
        assert_eq!(context.span_id, span.span_context.span_id());
        (span.events.len(), logs.get_emitted_logs().unwrap().len())
    };

    // Wrong: the bridge makes a span event of it, the appender a log record.
    assert_eq!(span_events_and_logs(false), (1, 1), "{GONE}");

    // Right: the bridge sees spans only. The log knows its span all the same.
    assert_eq!(span_events_and_logs(true), (0, 1));
}
// ANCHOR_END: twice

#[test]
fn logs_have_no_trace_id() {
    let trace_is_known = |context_activation: bool| {
        let (tracer_provider, _) = in_memory();
        let (logger_provider, logs) = in_memory_logs();
        let bridge = tracing_opentelemetry::layer()
            .with_tracer(tracer_provider.tracer("pitfalls"))
            .with_context_activation(context_activation);
        let subscriber = tracing_subscriber::registry()
            .with(bridge)
            .with(OpenTelemetryTracingBridge::new(&logger_provider));

        tracing::subscriber::with_default(subscriber, || {
            info_span!("order.price").in_scope(|| info!("priced"));
        });
        let log = logs.get_emitted_logs().unwrap().remove(0);
        log.record.trace_context().is_some()
    };

    // Wrong: the appender asks OpenTelemetry's context, and nobody set it.
    assert!(!trace_is_known(false), "{GONE}");

    // Right: the default. Entering a `tracing` span activates its context.
    assert!(trace_is_known(true));
}

#[test]
fn there_are_spans_but_no_logs() {
    let (tracer_provider, spans) = in_memory();
    let (logger_provider, logs) = in_memory_logs();
    let log = || info_span!("order.price").in_scope(|| info!("priced"));

    // Wrong: the bridge alone. It makes a span event of the log.
    let bridge = tracing_opentelemetry::layer()
        .with_tracer(tracer_provider.tracer("pitfalls"));
    let subscriber = tracing_subscriber::registry().with(bridge);
    tracing::subscriber::with_default(subscriber, log);
    let span = spans.get_finished_spans().unwrap().remove(0);
    assert_eq!(span.events.len(), 1, "{GONE}");
    assert!(logs.get_emitted_logs().unwrap().is_empty());

    // Right: the appender makes a log record of it.
    let appender = OpenTelemetryTracingBridge::new(&logger_provider);
    let subscriber = tracing_subscriber::registry().with(appender);
    tracing::subscriber::with_default(subscriber, log);
    assert_eq!(logs.get_emitted_logs().unwrap().len(), 1);
}

// ANCHOR: loop
#[tokio::test(flavor = "multi_thread")]
async fn the_exporter_logs_its_own_exports() {
    let name = "the_exporter_logs_its_own_exports";
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.grpc_endpoint();
    let records_of_one_event = |filter: &str| {
        receiver.clear();
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str());
        in_own_process(name, &[endpoint, ("FILTER", filter)], one_event);
        receiver.logs().len()
    };

    // Wrong: each export is an event of its transport, and so a record.
    assert!(records_of_one_event("trace") > 10, "{GONE}");
    assert!(records_of_one_event("debug") > 2, "{GONE}");

    // Right: a level at which the transport is silent,
    assert_eq!(records_of_one_event("info"), 1);

    // or, below it, no event of the crates that the exporter is made of.
    let quiet = "trace,opentelemetry=off,h2=off,hyper=off,hyper_util=off,\
                 tonic=off,tower=off,reqwest=off";
    assert_eq!(records_of_one_event(quiet), 1);
}

/// Logs one event. Each flush stands for one tick of the timer.
fn one_event() {
    let exporter = LogExporter::builder().with_tonic().build().unwrap();
    let provider = SdkLoggerProvider::builder()
        .with_batch_exporter(exporter)
        .build();
    let appender = OpenTelemetryTracingBridge::new(&provider)
        .with_filter(EnvFilter::new(env::var("FILTER").unwrap()));
    tracing_subscriber::registry().with(appender).init();

    info!("priced");
    for _ in 0..20 {
        provider.force_flush().unwrap();
    }
}
// ANCHOR_END: loop
