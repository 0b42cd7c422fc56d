//! Measured, and never seen.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use opentelemetry::{
    Context, KeyValue,
    metrics::{AsyncInstrument, MeterProvider},
    trace::{TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_otlp::{MetricExporter, WithExportConfig};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider},
};
use otlp_console::{Limits, Receiver, model::Value};
use pitfalls::{DEADLINE, GONE, in_memory, in_own_process};

fn exporter(endpoint: &str) -> MetricExporter {
    MetricExporter::builder()
        .with_http()
        .with_endpoint(format!("{endpoint}/v1/metrics"))
        .build()
        .unwrap()
}

/// A provider that exports when it is flushed, and every minute.
fn provider_to(receiver: &Receiver) -> SdkMeterProvider {
    SdkMeterProvider::builder()
        .with_periodic_exporter(exporter(&receiver.http_endpoint()))
        .build()
}

fn count_one_order(provider: &SdkMeterProvider) {
    let meter = provider.meter("pitfalls");
    meter.u64_counter("shop.orders").build().add(1, &[]);
}

#[tokio::test]
async fn there_is_no_metric_for_a_minute() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();

    // Wrong: wait for it. The reader exports every 60 s.
    let provider = provider_to(&receiver);
    count_one_order(&provider);
    let waited = Duration::from_secs(2);
    let missing = receiver.wait_for_metric("shop.orders", waited).await;
    assert!(missing.is_err(), "{GONE}");

    // Right: shut down at the end of a short program,
    provider.shutdown().unwrap();
    receiver
        .wait_for_metric("shop.orders", DEADLINE)
        .await
        .unwrap();

    // or shorten the interval where you watch: OTEL_METRIC_EXPORT_INTERVAL.
    receiver.clear();
    let reader = PeriodicReader::builder(exporter(&receiver.http_endpoint()))
        .with_interval(Duration::from_millis(100))
        .build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    count_one_order(&provider);
    receiver
        .wait_for_metric("shop.orders", DEADLINE)
        .await
        .unwrap();
}

#[tokio::test]
async fn one_metric_never_appears() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let provider = provider_to(&receiver);
    let meter = provider.meter("pitfalls");

    // Wrong: the name is invalid, and the instrument measures nothing.
    meter.u64_counter("shop orders").build().add(1, &[]);

    // Right: letters, digits, `_`, `.`, `-` and `/`, a letter first.
    meter.u64_counter("shop.orders").build().add(1, &[]);

    provider.force_flush().unwrap();
    receiver
        .wait_for_metric("shop.orders", DEADLINE)
        .await
        .unwrap();
    let names = receiver.metrics().into_iter().map(|metric| metric.name);
    assert_eq!(names.collect::<Vec<_>>(), ["shop.orders"], "{GONE}");
}

/// Flushes a provider whose only gauge asks this callback.
fn flush_gauge(
    observe: fn(&[i64], &dyn AsyncInstrument<i64>),
) -> OTelSdkResult {
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(InMemoryMetricExporter::default())
        .build();
    let queue = Vec::new();
    let _gauge = provider
        .meter("pitfalls")
        .i64_observable_gauge("shop.queue.oldest")
        .with_callback(move |gauge| observe(&queue, gauge))
        .build();
    provider.force_flush()
}

#[test]
fn all_metrics_stop_at_once() {
    let name = "all_metrics_stop_at_once";
    let console = in_own_process(name, &[], || {
        // Wrong: a callback that can panic. It ends the reader's thread, and
        // with it the export of all metrics.
        let flushed = flush_gauge(|queue, gauge| {
            gauge.observe(*queue.iter().max().unwrap(), &[]);
        });
        assert!(flushed.is_err(), "{GONE}");

        // Right: nothing to observe, nothing observed.
        let flushed = flush_gauge(|queue, gauge| {
            if let Some(&oldest) = queue.iter().max() {
                gauge.observe(oldest, &[]);
            }
        });
        assert!(flushed.is_ok());
    });
    let thread = "thread 'OpenTelemetry.Metrics.PeriodicReader'";
    assert!(console.contains(thread), "{GONE}: {console}");
}

#[tokio::test]
async fn some_points_have_lost_their_attributes() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let provider = provider_to(&receiver);
    let meter = provider.meter("pitfalls");

    // Wrong: an id as an attribute. From 2,000 on, all land in one point.
    let orders = meter.u64_counter("shop.orders").build();
    for order in 0..3_000 {
        orders.add(1, &[KeyValue::new("shop.order.id", order)]);
    }

    // Right: an attribute with a few known values.
    let by_outcome = meter.u64_counter("shop.orders.by_outcome").build();
    for _ in 0..3_000 {
        by_outcome.add(1, &[KeyValue::new("shop.order.outcome", "priced")]);
    }

    provider.force_flush().unwrap();
    let orders = receiver.wait_for_metric("shop.orders", DEADLINE).await;
    let overflow = Some(&Value::Bool(true));
    assert!(
        orders.unwrap().points.iter().any(|point| {
            point.attributes.get("otel.metric.overflow") == overflow
        }),
        "{GONE}"
    );
    let by_outcome = "shop.orders.by_outcome";
    let by_outcome = receiver.wait_for_metric(by_outcome, DEADLINE).await;
    assert_eq!(by_outcome.unwrap().points.len(), 1);
}

#[tokio::test]
async fn a_histogram_has_no_exemplars() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let provider = provider_to(&receiver);
    let meter = provider.meter("pitfalls");
    let (tracer_provider, _) = in_memory();
    let span = tracer_provider.tracer("pitfalls").start("order.price");

    // A measurement inside a sampled span.
    let _active = Context::current_with_span(span).attach();
    meter
        .f64_histogram("shop.duration")
        .build()
        .record(0.25, &[]);

    provider.force_flush().unwrap();
    let metric = receiver.wait_for_metric("shop.duration", DEADLINE).await;
    assert_eq!(metric.unwrap().points[0].exemplars, 0, "{GONE}");
}
