//! Variables that the specification names and the SDK does not read.

use std::{collections::HashMap, env};

use opentelemetry::{
    Context, KeyValue, global,
    trace::{Span, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{InMemorySpanExporter, SdkTracerProvider},
};
use pitfalls::{GONE, in_memory, in_own_process};

#[test]
fn the_sdk_is_disabled_and_exports() {
    let name = "the_sdk_is_disabled_and_exports";
    in_own_process(name, &[("OTEL_SDK_DISABLED", "true")], || {
        // Wrong: rely on the variable.
        let (provider, spans) = in_memory();
        provider.tracer("pitfalls").start("order.price").end();
        assert_eq!(spans.get_finished_spans().unwrap().len(), 1, "{GONE}");

        // Right: read it yourself, and leave the exporter out.
        let disabled = env::var("OTEL_SDK_DISABLED")
            .is_ok_and(|value| value.eq_ignore_ascii_case("true"));
        let spans = InMemorySpanExporter::default();
        let mut builder = SdkTracerProvider::builder();
        if !disabled {
            builder = builder.with_simple_exporter(spans.clone());
        }
        builder
            .build()
            .tracer("pitfalls")
            .start("order.price")
            .end();
        assert!(spans.get_finished_spans().unwrap().is_empty());
    });
}

#[test]
fn the_propagators_variable_has_no_effect() {
    let name = "the_propagators_variable_has_no_effect";
    let variables = [("OTEL_PROPAGATORS", "tracecontext")];
    in_own_process(name, &variables, || {
        let (provider, _) = in_memory();
        let span = provider.tracer("pitfalls").start("GET /orders/{id}");
        let cx = Context::current_with_span(span);
        let inject = || {
            let mut headers = HashMap::<String, String>::new();
            global::get_text_map_propagator(|propagator| {
                propagator.inject_context(&cx, &mut headers);
            });
            headers
        };

        // Wrong: rely on the variable.
        assert!(inject().is_empty(), "{GONE}");

        // Right: set the propagator in the code.
        global::set_text_map_propagator(TraceContextPropagator::new());
        assert!(inject().contains_key("traceparent"));
    });
}

#[test]
fn a_long_attribute_is_not_cut() {
    const NOTE: &str = "as long as it is";
    let name = "a_long_attribute_is_not_cut";
    let variables = [
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "7"),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "7"),
    ];
    in_own_process(name, &variables, || {
        let (provider, spans) = in_memory();
        let mut span = provider.tracer("pitfalls").start("order.price");

        // Wrong: rely on the limit.
        span.set_attribute(KeyValue::new("shop.note", NOTE));

        // Right: cut what may be long.
        let short: String = NOTE.chars().take(7).collect();
        span.set_attribute(KeyValue::new("shop.note.start", short));

        span.end();
        let span = spans.get_finished_spans().unwrap().remove(0);
        let [note, start] = span.attributes.as_slice() else {
            panic!("two attributes: {:?}", span.attributes)
        };
        assert_eq!(note.value.as_str(), NOTE, "{GONE}");
        assert_eq!(start.value.as_str(), "as long");
    });
}
