//! A collector that is down, slow or unwell: the program goes on, and the
//! shutdown says what was lost.

use std::time::{Duration, Instant};

use axum::{Router, http::StatusCode};
use telemetry::{SignalCount, Telemetry, Undelivered};

use crate::support::{
    PATIENCE, closed_port, config, finish, one_of_each, receiver, start,
};

/// A collector that answers each request after `delay` with `status`.
async fn collector(status: StatusCode, delay: Duration) -> String {
    let app = Router::new().fallback(async move || {
        tokio::time::sleep(delay).await;
        status
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

async fn lose(endpoint: &str, protocol: &str) -> Undelivered {
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
    ];
    let telemetry = Telemetry::start(&config("test", &variables)).unwrap();
    one_of_each(&telemetry);
    telemetry.shutdown(PATIENCE).await.unwrap_err()
}

const FAILED: SignalCount = SignalCount {
    recorded: 1,
    delivered: 0,
    failed: 1,
};

#[tokio::test]
async fn a_collector_that_is_down() {
    let endpoint = closed_port();
    for protocol in ["http/protobuf", "grpc"] {
        let loss = lose(&endpoint, protocol).await;
        let delivery = loss.delivery();
        let counts = [delivery.spans, delivery.logs, delivery.metrics];
        assert_eq!(counts, [FAILED; 3], "{protocol}");
        let message = loss.to_string();
        assert!(message.contains(&endpoint), "{message}");
        assert!(message.contains("0 of 1 (1 failed) spans"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_answers_500() {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let endpoint = collector(status, Duration::ZERO).await;
    let message = lose(&endpoint, "http/protobuf").await.to_string();
    let reason = format!("{endpoint}/v1/traces: ");
    assert!(message.contains(&reason), "{message}");
    assert!(message.contains("status code: 500"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_slow() {
    let endpoint = collector(StatusCode::OK, PATIENCE).await;
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        // The exporter waits for longer than the shutdown.
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "60000"),
    ];
    let telemetry = Telemetry::start(&config("test", &variables)).unwrap();
    one_of_each(&telemetry);

    let (started, deadline) = (Instant::now(), Duration::from_millis(300));
    let loss = telemetry.shutdown(deadline).await.unwrap_err();
    let took = started.elapsed();
    assert!(took >= deadline, "{took:?}");
    // It has not waited for the collector: nothing has failed yet.
    let delivery = loss.delivery();
    for count in [delivery.spans, delivery.logs] {
        let known = (count.delivered, count.failed, count.dropped());
        assert_eq!(known, (0, 0, 1), "{loss}");
    }
    assert!(loss.to_string().contains("gave up after 300ms"), "{loss}");
}

/// The SDK allows a last export of metrics five seconds at most.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_may_be_longer_than_the_sdk_waits_for_metrics() {
    let endpoint = collector(StatusCode::OK, Duration::from_millis(5500)).await;
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "60000"),
    ];
    let telemetry = Telemetry::start(&config("test", &variables)).unwrap();
    one_of_each(&telemetry);
    let delivery = finish(&telemetry).await;
    assert_eq!(delivery.metrics.delivered, 1);
}

/// More than is exported meanwhile, on any machine.
const MANY: u64 = 5_000;

#[tokio::test]
async fn a_full_queue_drops_and_counts() {
    let receiver = receiver().await;
    let telemetry = start(
        &receiver,
        &[
            ("OTEL_BSP_MAX_QUEUE_SIZE", "10"),
            ("OTEL_BLRP_MAX_QUEUE_SIZE", "10"),
        ],
    );
    {
        let subscriber = telemetry.subscriber();
        let _default = tracing::subscriber::set_default(subscriber);
        for _ in 0..MANY {
            tracing::debug_span!("too quiet").in_scope(|| ());
            tracing::info_span!("busy").in_scope(|| {
                tracing::info!(target: "busy", "busy");
            });
        }
    }
    let loss = telemetry.shutdown(PATIENCE).await.unwrap_err();
    let delivery = loss.delivery();
    for (count, arrived) in [
        (delivery.spans, receiver.spans().len()),
        (delivery.logs, receiver.logs().len()),
    ] {
        assert_eq!(count.recorded, MANY);
        assert_eq!(count.delivered, arrived as u64);
        assert_eq!(count.failed, 0);
        assert!(count.dropped() > 0, "{count}");
        assert_eq!(count.dropped() + count.delivered, MANY);
    }
    assert!(loss.to_string().contains("dropped) spans"), "{loss}");
}

#[tokio::test]
async fn a_second_shutdown_reports_the_same() {
    let receiver = receiver().await;
    let telemetry = start(&receiver, &[]);
    one_of_each(&telemetry);
    let first = finish(&telemetry).await;
    one_of_each(&telemetry);
    let second = finish(&telemetry).await;
    assert_eq!(first.spans, second.spans);
    assert_eq!(receiver.spans().len(), 1);
}
