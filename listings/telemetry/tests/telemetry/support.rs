//! Pipelines that end in a receiver of their own.

use std::{collections::HashMap, net::TcpListener, time::Duration};

use opentelemetry::{KeyValue, trace::TraceContextExt};
use otlp_console::{
    Limits, Receiver,
    model::{LogRecord, Span, Value},
};
use telemetry::{Config, Delivery, Telemetry};

/// Long enough for a busy machine; a passing test does not wait for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn config(service: &str, variables: &[(&str, &str)]) -> Config {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    Config::from_lookup(service, "1.0.0", |name| {
        variables.get(name).map(|value| (*value).to_owned())
    })
    .unwrap()
}

pub(crate) async fn receiver() -> Receiver {
    Receiver::start(Limits::default()).await.unwrap()
}

/// A pipeline over http/protobuf, set up further by `variables`.
pub(crate) fn start(
    receiver: &Receiver,
    variables: &[(&str, &str)],
) -> Telemetry {
    let endpoint = receiver.http_endpoint();
    let mut all = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    all.extend(variables);
    Telemetry::start(&config("test", &all)).unwrap()
}

pub(crate) async fn finish(telemetry: &Telemetry) -> Delivery {
    telemetry.shutdown(PATIENCE).await.unwrap()
}

/// An address at which nobody listens.
pub(crate) fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// One span with one log record in it, and one metric point.
pub(crate) fn one_of_each(telemetry: &Telemetry) {
    let _default = tracing::subscriber::set_default(telemetry.subscriber());
    let span = tracing::info_span!("work", answer = 42);
    span.in_scope(|| {
        tracing::info!(name: "order.accepted", items = 3, "order accepted");
    });
    let counter = telemetry.meter("test").u64_counter("test.orders").build();
    counter.add(1, &[KeyValue::new("kind", "test")]);
}

pub(crate) fn span<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    let span = found.next();
    assert!(found.next().is_none(), "more than one {name}");
    span.unwrap_or_else(|| panic!("no {name} among {spans:#?}"))
}

pub(crate) fn attribute(span: &Span, name: &str) -> String {
    let value = span.attributes.get(name);
    value.map_or_else(String::new, Value::to_string)
}

pub(crate) fn log<'a>(logs: &'a [LogRecord], body: &str) -> &'a LogRecord {
    let found = logs.iter().find(|log| log.body.to_string() == body);
    found.unwrap_or_else(|| panic!("no {body:?} among {logs:#?}"))
}

/// The trace and span ids that OpenTelemetry holds for current.
pub(crate) fn current() -> (String, String) {
    opentelemetry::Context::map_current(|context| {
        let span = context.span();
        let span = span.span_context();
        (span.trace_id().to_string(), span.span_id().to_string())
    })
}
