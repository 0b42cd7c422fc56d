//! Was it delivered?

use opentelemetry::{
    global,
    logs::{Logger, LoggerProvider},
    metrics::MeterProvider,
    trace::{Span, Tracer, TracerProvider},
};
use opentelemetry_otlp::{LogExporter, MetricExporter, WithExportConfig};
use opentelemetry_sdk::{
    logs::SdkLoggerProvider,
    metrics::SdkMeterProvider,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, InMemorySpanExporter,
        SdkTracerProvider,
    },
};
use otlp_console::{Limits, Receiver};
use pitfalls::{
    DEADLINE, GONE, NOBODY_LISTENS, batching, http, in_own_process,
};

// ANCHOR: shutdown
#[test]
fn shutdown_says_ok_although_nothing_arrived() {
    let provider_of_one_span = || {
        let provider = batching(http(NOBODY_LISTENS));
        provider.tracer("pitfalls").start("order.price").end();
        provider
    };

    // Wrong: take the result of `shutdown` for the result of the export.
    let provider = provider_of_one_span();
    assert!(provider.shutdown().is_ok(), "{GONE}");

    // Right: ask `force_flush` first. It returns what the last export said.
    let provider = provider_of_one_span();
    assert!(provider.force_flush().is_err());
    provider.shutdown().unwrap();
}
// ANCHOR_END: shutdown

#[test]
fn only_metrics_complain_at_shutdown() {
    let exporter = LogExporter::builder()
        .with_http()
        .with_endpoint(NOBODY_LISTENS)
        .build()
        .unwrap();
    let logs = SdkLoggerProvider::builder()
        .with_batch_exporter(exporter)
        .build();
    let logger = logs.logger("pitfalls");
    logger.emit(logger.create_log_record());

    let exporter = MetricExporter::builder()
        .with_http()
        .with_endpoint(NOBODY_LISTENS)
        .build()
        .unwrap();
    let metrics = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter)
        .build();
    let meter = metrics.meter("pitfalls");
    meter.u64_counter("shop.orders").build().add(1, &[]);

    assert!(logs.shutdown().is_ok(), "{GONE}");
    assert!(metrics.shutdown().is_err(), "{GONE}");
}

// ANCHOR: earlier
#[tokio::test]
async fn a_flush_says_ok_about_a_batch_lost_before() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let arrived = |endpoint: &str| {
        // Batches of one, so that the export starts before the flush.
        let batches =
            BatchConfigBuilder::default().with_max_export_batch_size(1);
        let processor = BatchSpanProcessor::builder(http(endpoint))
            .with_batch_config(batches.build())
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .build();
        provider.tracer("pitfalls").start("order.price").end();
        assert!(provider.force_flush().is_ok(), "{GONE}");
        provider.shutdown().unwrap();
        receiver.spans().len()
    };

    // Wrong: trust both. The receiver answered 404, and the span is gone.
    assert_eq!(arrived(&endpoint), 0);

    // Right: look at the receiver.
    assert_eq!(arrived(&format!("{endpoint}/v1/traces")), 1);
}
// ANCHOR_END: earlier

#[tokio::test]
async fn a_burst_loses_spans() {
    const BURST: usize = 10_000;
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = format!("{}/v1/traces", receiver.http_endpoint());
    let burst = |provider: SdkTracerProvider| {
        receiver.clear();
        let tracer = provider.tracer("pitfalls");
        for _ in 0..BURST {
            tracer.start("order.price").end();
        }
        provider.shutdown_with_timeout(DEADLINE).unwrap();
        receiver.spans().len()
    };

    // Wrong: the default queue holds 2,048 spans, and more come at once.
    assert!(burst(batching(http(&endpoint))) < BURST, "{GONE}");

    // Right: a queue that holds the largest burst.
    let queue = BatchConfigBuilder::default().with_max_queue_size(BURST);
    let processor = BatchSpanProcessor::builder(http(&endpoint))
        .with_batch_config(queue.build())
        .build();
    let builder = SdkTracerProvider::builder().with_span_processor(processor);
    assert_eq!(burst(builder.build()), BURST);
}

#[test]
fn dropping_the_provider_flushes_nothing() {
    let name = "dropping_the_provider_flushes_nothing";
    in_own_process(name, &[], || {
        let set_up = || {
            let exporter = InMemorySpanExporter::default();
            let provider = SdkTracerProvider::builder()
                .with_batch_exporter(exporter.clone())
                .build();
            global::set_tracer_provider(provider.clone());
            (provider, exporter)
        };

        // Wrong: rely on `Drop`. The global holds a clone until the end.
        let (provider, exporter) = set_up();
        drop(provider);
        assert!(!exporter.is_shutdown_called(), "{GONE}");

        // Right: call `shutdown`, whoever else holds a clone.
        let (provider, exporter) = set_up();
        provider.shutdown().unwrap();
        assert!(exporter.is_shutdown_called());
    });
}
