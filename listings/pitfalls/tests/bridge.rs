//! From a `tracing` span to an OpenTelemetry span, by tracing-opentelemetry.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::HashSet;

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanId, Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};
use pitfalls::{GONE, in_memory};
use tracing::{field, info_span, instrument, level_filters::LevelFilter};
use tracing_opentelemetry::{OpenTelemetrySpanExt, SetParentError};
use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt};

/// The bridge with none of its extras; a `tracing` subscriber for one test.
macro_rules! bridge {
    ($provider:expr) => {
        tracing_opentelemetry::layer()
            .with_tracer($provider.tracer("pitfalls"))
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
    };
}

fn span(spans: &InMemorySpanExporter, name: &str) -> SpanData {
    let ended = spans.get_finished_spans().unwrap();
    let span = ended.into_iter().find(|span| span.name == name);
    span.unwrap_or_else(|| panic!("a span named {name}"))
}

#[test]
fn the_remote_parent_is_ignored() {
    let (provider, spans) = in_memory();
    let subscriber = tracing_subscriber::registry().with(bridge!(provider));
    let caller = provider.tracer("caller").start("GET");
    let caller = Context::new().with_span(caller);

    tracing::subscriber::with_default(subscriber, || {
        // Wrong: entering the span starts it, and then it has its parent.
        let late = info_span!("late");
        late.in_scope(|| ());
        let refused = late.set_parent(caller.clone());
        assert!(
            matches!(refused, Err(SetParentError::AlreadyStarted)),
            "{GONE}"
        );

        // Right: the parent first, and a look at the result.
        let early = info_span!("early");
        early.set_parent(caller.clone()).unwrap();
        early.in_scope(|| ());
    });

    assert_eq!(span(&spans, "late").parent_span_id, SpanId::INVALID);
    let caller = caller.span().span_context().span_id();
    assert_eq!(span(&spans, "early").parent_span_id, caller);
}

#[test]
fn the_remote_parent_has_no_span_to_belong_to() {
    let (provider, _) = in_memory();
    let subscriber = tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(bridge!(provider));

    tracing::subscriber::with_default(subscriber, || {
        // Wrong: the filter removes the span of the request.
        let parent = Context::new();
        let refused = tracing::debug_span!("GET").set_parent(parent.clone());
        assert!(
            matches!(refused, Err(SetParentError::SpanDisabled)),
            "{GONE}"
        );

        // Right: a level that the filter lets through.
        info_span!("GET").set_parent(parent).unwrap();
    });
}

#[test]
fn a_recorded_field_is_missing() {
    let (provider, spans) = in_memory();
    let subscriber = tracing_subscriber::registry().with(bridge!(provider));

    tracing::subscriber::with_default(subscriber, || {
        // Wrong: the set of fields is fixed where the span is declared.
        info_span!("undeclared").record("shop.order.lines", 2);

        // Right: declare the field, and fill it later.
        info_span!("declared", shop.order.lines = field::Empty)
            .record("shop.order.lines", 2);
    });

    assert!(span(&spans, "undeclared").attributes.is_empty(), "{GONE}");
    let attributes = span(&spans, "declared").attributes;
    assert_eq!(attributes, [KeyValue::new("shop.order.lines", 2)]);
}

// ANCHOR: instrument
#[instrument]
fn log_in(user: &str, password: &str) -> bool {
    user == "ada" && password == "hunter2"
}

#[instrument(skip_all, fields(shop.user.tier = "gold"))]
fn log_in_quietly(user: &str, password: &str) -> bool {
    user == "ada" && password == "hunter2"
}

#[test]
fn a_password_is_on_a_span() {
    let (provider, spans) = in_memory();
    let subscriber = tracing_subscriber::registry().with(bridge!(provider));

    tracing::subscriber::with_default(subscriber, || {
        // Wrong: `#[instrument]` alone records each argument.
        assert!(log_in("ada", "hunter2"));

        // Right: skip all, and name what may leave the process.
        assert!(log_in_quietly("ada", "hunter2"));
    });

    let loud = format!("{:?}", span(&spans, "log_in").attributes);
    assert!(loud.contains("hunter2"), "{GONE}");
    let quiet = span(&spans, "log_in_quietly").attributes;
    assert_eq!(quiet, [KeyValue::new("shop.user.tier", "gold")]);
}
// ANCHOR_END: instrument

#[test]
fn there_are_as_many_span_names_as_orders() {
    let names = |template: fn(u32) -> String| {
        let (provider, spans) = in_memory();
        let subscriber = tracing_subscriber::registry().with(bridge!(provider));
        tracing::subscriber::with_default(subscriber, || {
            for order in 0..100 {
                info_span!("GET", otel.name = template(order)).in_scope(|| ());
            }
        });
        let ended = spans.get_finished_spans().unwrap();
        ended
            .into_iter()
            .map(|span| span.name)
            .collect::<HashSet<_>>()
    };

    // Wrong: the path.
    assert_eq!(names(|order| format!("GET /orders/{order}")).len(), 100);

    // Right: the route.
    assert_eq!(names(|_| "GET /orders/{id}".to_owned()).len(), 1);
}

#[test]
fn each_span_carries_attributes_that_nobody_set() {
    let (provider, spans) = in_memory();

    // Wrong: the bridge as it comes.
    let layer = tracing_opentelemetry::layer();
    let layer = layer.with_tracer(provider.tracer("pitfalls"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let open = || info_span!("noisy").in_scope(|| ());
    tracing::subscriber::with_default(subscriber, open);

    // Right: without the extras; see `bridge!`.
    let subscriber = tracing_subscriber::registry().with(bridge!(provider));
    let open = || info_span!("quiet").in_scope(|| ());
    tracing::subscriber::with_default(subscriber, open);

    let noise = format!("{:?}", span(&spans, "noisy").attributes);
    for name in [
        "code.file.path",
        "thread.id",
        "busy_ns",
        "idle_ns",
        "target",
    ] {
        assert!(noise.contains(name), "{GONE}: {name} in {noise}");
    }
    assert!(span(&spans, "quiet").attributes.is_empty());
}

#[test]
fn a_span_failed_although_all_went_well() {
    let (provider, spans) = in_memory();
    let retry = |name| {
        info_span!("GET", otel.name = name)
            .in_scope(|| tracing::error!("retried once"));
    };

    // Wrong: an event of level ERROR sets the status of the span around it.
    // This switch is about `Error` values in fields, not about the level.
    let layer = bridge!(provider).with_error_events_to_status(false);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || retry("failed"));

    // Right: show the bridge spans only. Code that knows the outcome sets it.
    let spans_only = filter_fn(|metadata| metadata.is_span());
    let layer = bridge!(provider).with_filter(spans_only);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || retry("fine"));

    let failed = span(&spans, "failed").status;
    assert!(matches!(failed, Status::Error { .. }), "{GONE}: {failed:?}");
    assert_eq!(span(&spans, "fine").status, Status::Unset);
}

#[test]
fn the_level_of_the_console_removes_spans() {
    let ended_under = |filter_of_all: LevelFilter, of_console: LevelFilter| {
        let (provider, spans) = in_memory();
        let console = tracing_subscriber::fmt::layer().with_test_writer();
        let subscriber = tracing_subscriber::registry()
            .with(filter_of_all)
            .with(console.with_filter(of_console))
            .with(bridge!(provider));
        tracing::subscriber::with_default(subscriber, || {
            info_span!("order.price").in_scope(|| ());
        });
        spans.get_finished_spans().unwrap().len()
    };

    // Wrong: one level for all layers. Spans have a level, too.
    let all = ended_under(LevelFilter::WARN, LevelFilter::TRACE);
    assert_eq!(all, 0, "{GONE}");

    // Right: a filter of its own for the console.
    let console = ended_under(LevelFilter::TRACE, LevelFilter::WARN);
    assert_eq!(console, 1);
}
