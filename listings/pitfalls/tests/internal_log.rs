//! What the SDK says about itself, where somebody listens.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::{env, io};

use opentelemetry::{
    metrics::MeterProvider,
    trace::{Span, Tracer, TracerProvider},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{InMemoryMetricExporter, SdkMeterProvider},
};
use otlp_console::{Limits, Receiver};
use pitfalls::{
    DEADLINE, GONE, NOBODY_LISTENS, batching, grpc, http, in_own_process,
};
use tracing_subscriber::{
    EnvFilter, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt,
};

fn export(exporter: SpanExporter, spans: usize) -> OTelSdkResult {
    let provider = batching(exporter);
    let tracer = provider.tracer("pitfalls");
    for _ in 0..spans {
        tracer.start("order.price").end();
    }
    provider.shutdown_with_timeout(DEADLINE)
}

// ANCHOR: silent
#[test]
fn a_lost_batch_leaves_no_word_on_the_console() {
    let name = "a_lost_batch_leaves_no_word_on_the_console";
    let console = in_own_process(name, &[], || {
        // Wrong: a filter that lets only your own crates through.
        let (filter, change) = reload::Layer::new(EnvFilter::new("shop=info"));
        let lines = fmt::layer().with_writer(io::stderr);
        tracing_subscriber::registry()
            .with(filter)
            .with(lines)
            .init();
        export(http(NOBODY_LISTENS), 1).unwrap();

        // Right: the warnings of all crates, too.
        eprintln!("-- from here on with warnings --");
        change.reload("warn,shop=info").unwrap();
        export(http(NOBODY_LISTENS), 1).unwrap();
    });

    let (without, with) = console.split_once("-- from here").unwrap();
    assert!(!without.contains("telemetry data will be lost"), "{GONE}");
    assert!(with.contains("telemetry data will be lost"), "{with}");
}
// ANCHOR_END: silent

/// Words of the internal log, and what brings them about.
const CAUSES: [(&str, fn()); 7] = [
    ("HTTP export failed: network error", nobody_listens),
    ("HTTP export failed with status code: 404", path_missing),
    ("TonicTracesClient export failed", grpc_to_the_http_port),
    ("BatchSpanProcessor.SpansDropped", queue_full),
    ("BatchSpanProcessor.OnEnd.AfterShutdown", batch_thread_dead),
    ("InstrumentCreationFailed", name_invalid),
    ("PeriodicReader.WorkerThreadTerminated", callback_panics),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_internal_log_names_the_cause() {
    let name = "the_internal_log_names_the_cause";
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let console = in_own_process(name, &[("RECEIVER", &endpoint)], || {
        fmt().with_env_filter("warn").with_writer(io::stderr).init();
        for (words, happens) in CAUSES {
            eprintln!("-- {words} --");
            happens();
        }
    });
    for (words, _) in CAUSES {
        let (_, after) = console.split_once(&format!("-- {words} --")).unwrap();
        let said = after.split("\n-- ").next().unwrap();
        assert!(said.contains(words), "{GONE}: no {words} in {said}");
    }
}

fn receiver() -> String {
    env::var("RECEIVER").unwrap()
}

fn nobody_listens() {
    export(http(NOBODY_LISTENS), 1).unwrap();
}

fn path_missing() {
    export(http(&receiver()), 1).unwrap();
}

fn grpc_to_the_http_port() {
    export(grpc(&receiver()), 1).unwrap();
}

fn queue_full() {
    export(http(&format!("{}/v1/traces", receiver())), 10_000).unwrap();
}

fn batch_thread_dead() {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(reqwest::Client::new())
        .with_endpoint(NOBODY_LISTENS)
        .build()
        .unwrap();
    let provider = batching(exporter);
    let tracer = provider.tracer("pitfalls");
    tracer.start("order.price").end();
    // The first one ends while the thread is dying, and the second one, which
    // nobody takes any more, when it is dead.
    for _ in 0..2 {
        assert!(provider.force_flush().is_err(), "{GONE}");
    }
    tracer.start("order.price").end();
}

fn name_invalid() {
    measure("shop orders", || 1).unwrap();
}

fn callback_panics() {
    let flushed = measure("shop.orders", || panic!("no orders yet"));
    assert!(flushed.is_err(), "{GONE}");
}

fn measure(name: &'static str, value: fn() -> i64) -> OTelSdkResult {
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(InMemoryMetricExporter::default())
        .build();
    let _gauge = provider
        .meter("pitfalls")
        .i64_observable_gauge(name)
        .with_callback(move |gauge| gauge.observe(value(), &[]))
        .build();
    provider.force_flush()
}
