//! All three signals reach a receiver, whatever the protocol.

use opentelemetry::trace::{Span as _, Tracer};
use otlp_console::model::{Instrument, Number, SpanKind, Status, Value};
use telemetry::{SignalCount, StartError, Telemetry};
use tracing::instrument::WithSubscriber;

use crate::support::{
    attribute, closed_port, config, finish, log, one_of_each, receiver, span,
    start,
};

const ONE: SignalCount = SignalCount {
    recorded: 1,
    delivered: 1,
    failed: 0,
};

async fn all_signals_arrive(protocol: &str, compression: &str) {
    let receiver = receiver().await;
    let endpoint = match protocol {
        "grpc" => receiver.grpc_endpoint(),
        _ => receiver.http_endpoint(),
    };
    let config = config(
        "shop",
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", compression),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=ci"),
        ],
    );
    let telemetry = Telemetry::start(&config).unwrap();
    one_of_each(&telemetry);
    let delivery = finish(&telemetry).await;

    assert_eq!(
        [delivery.spans, delivery.logs, delivery.metrics],
        [ONE; 3],
        "{protocol} {compression}"
    );
    let (spans, logs) = (receiver.spans(), receiver.logs());
    let metrics = receiver.metrics();
    assert_eq!([spans.len(), logs.len(), metrics.len()], [1, 1, 1]);

    let work = span(&spans, "work");
    assert_eq!(work.kind, SpanKind::Internal);
    assert_eq!(work.status, Status::Unset);
    assert_eq!(attribute(work, "answer"), "42");
    assert_eq!(work.attributes.len(), 1, "{:?}", work.attributes);
    assert!(work.events.is_empty(), "logs are no span events");

    let accepted = log(&logs, "order accepted");
    assert_eq!(accepted.trace_id, Some(work.trace_id));
    assert_eq!(accepted.span_id, Some(work.span_id));
    assert_eq!(accepted.event_name, "order.accepted");
    assert_eq!(accepted.severity_text, "INFO");
    assert_eq!(accepted.attributes.get("items"), Some(&Value::Int(3)));

    assert_eq!(metrics[0].name, "test.orders");
    assert_eq!(metrics[0].instrument, Instrument::Counter);
    assert_eq!(metrics[0].points[0].value, Number::Int(1));
    assert_eq!(metrics[0].origin.scope.schema_url, schema());

    let resource = &work.origin.resource;
    assert_eq!(&accepted.origin.resource, resource);
    assert_eq!(&metrics[0].origin.resource, resource);
    assert_eq!(resource.schema_url, schema());
    let names: Vec<&str> =
        resource.attributes.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "deployment.environment.name",
            "service.instance.id",
            "service.name",
            "service.version",
            "telemetry.sdk.language",
            "telemetry.sdk.name",
            "telemetry.sdk.version",
        ]
    );
    let instance = resource.attributes["service.instance.id"].to_string();
    assert_eq!(instance.len(), 36);
    assert_eq!(&instance[14..15], "4", "a UUID of version 4: {instance}");
    assert!("89ab".contains(&instance[19..20]), "{instance}");
}

fn schema() -> &'static str {
    opentelemetry_semantic_conventions::SCHEMA_URL
}

#[tokio::test]
async fn over_http_protobuf() {
    all_signals_arrive("http/protobuf", "none").await;
    all_signals_arrive("http/protobuf", "gzip").await;
}

#[tokio::test]
async fn over_http_json() {
    all_signals_arrive("http/json", "none").await;
}

/// On the single thread of a current-thread runtime, where a blocking
/// shutdown would stall the connection that it waits for.
#[tokio::test]
async fn over_grpc_on_one_thread() {
    all_signals_arrive("grpc", "none").await;
    all_signals_arrive("grpc", "gzip").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn over_grpc_from_a_task_on_the_only_worker() {
    let task = tokio::spawn(all_signals_arrive("grpc", "none"));
    task.await.unwrap();
}

#[test]
fn grpc_outside_a_runtime_is_a_clear_error() {
    let config = config("test", &[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]);
    let error = Telemetry::start(&config).unwrap_err();
    assert!(matches!(error, StartError::NoRuntime));
    assert!(error.to_string().contains("http/protobuf"), "{error}");
}

#[test]
fn http_needs_no_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let receiver = runtime.block_on(receiver());
    let telemetry = start(&receiver, &[]);
    one_of_each(&telemetry);
    runtime.block_on(finish(&telemetry));
    assert_eq!(receiver.spans().len(), 1);
}

#[tokio::test]
async fn one_signal_can_go_elsewhere_or_stay() {
    let (main, other) = (receiver().await, receiver().await);
    let elsewhere = format!("{}/v1/traces", other.http_endpoint());
    let telemetry = start(
        &main,
        &[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", elsewhere.as_str()),
            ("OTEL_METRICS_EXPORTER", "none"),
        ],
    );
    one_of_each(&telemetry);
    let delivery = finish(&telemetry).await;
    assert_eq!(delivery.metrics, SignalCount::default());
    assert_eq!((main.spans().len(), main.logs().len()), (0, 1));
    assert_eq!((other.spans().len(), other.logs().len()), (1, 0));
    assert!(main.metrics().is_empty());
}

#[tokio::test]
async fn nothing_leaves_when_disabled() {
    let receiver = receiver().await;
    let telemetry = start(&receiver, &[("OTEL_SDK_DISABLED", "true")]);
    one_of_each(&telemetry);
    assert_eq!(finish(&telemetry).await.to_string(), nothing());
    assert!(receiver.spans().is_empty());
    assert!(receiver.logs().is_empty());
    assert!(receiver.metrics().is_empty());
}

fn nothing() -> &'static str {
    "delivered 0 of 0 spans, 0 of 0 log records, 0 of 0 metric points"
}

#[tokio::test]
async fn an_idle_pipeline_delivers_nothing_and_loses_nothing() {
    let closed = closed_port();
    let config = config("test", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &closed)]);
    let telemetry = Telemetry::start(&config).unwrap();
    assert_eq!(finish(&telemetry).await.to_string(), nothing());
}

#[tokio::test]
async fn spans_that_are_not_sampled_are_not_counted() {
    let receiver = receiver().await;
    let telemetry = start(&receiver, &[("OTEL_TRACES_SAMPLER", "always_off")]);
    one_of_each(&telemetry);
    let delivery = finish(&telemetry).await;
    assert_eq!(delivery.spans, SignalCount::default());
    assert_eq!(delivery.logs, ONE);
}

#[tokio::test]
async fn a_tracer_of_the_api_has_a_scope_with_a_schema() {
    let receiver = receiver().await;
    let telemetry = start(&receiver, &[]);
    telemetry.tracer("my.crate").start("by hand").end();
    finish(&telemetry).await;
    let spans = receiver.spans();
    let scope = &span(&spans, "by hand").origin.scope;
    assert_eq!(scope.name, "my.crate");
    assert_eq!(scope.schema_url, schema());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pipelines_side_by_side_do_not_mix() {
    let receivers = [receiver().await, receiver().await];
    let mut tasks = Vec::new();
    for (receiver, name) in receivers.iter().zip(["left", "right"]) {
        let config = config(
            name,
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.http_endpoint())],
        );
        let telemetry = Telemetry::start(&config).unwrap();
        let subscriber = telemetry.subscriber();
        let work = async move {
            for _ in 0..100 {
                let span = tracing::info_span!("work", side = name);
                span.in_scope(|| tracing::info!("{name}"));
                tokio::task::yield_now().await;
            }
            finish(&telemetry).await;
        };
        tasks.push(tokio::spawn(work.with_subscriber(subscriber)));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for (receiver, name) in receivers.iter().zip(["left", "right"]) {
        let (spans, logs) = (receiver.spans(), receiver.logs());
        assert_eq!((spans.len(), logs.len()), (100, 100));
        assert!(spans.iter().all(|s| attribute(s, "side") == name));
        assert!(spans.iter().all(|s| s.origin.service() == name));
        assert!(logs.iter().all(|l| l.body.to_string() == name));
    }
}
