//! Who decided that this trace is not recorded?
#![allow(clippy::unwrap_used)]

use opentelemetry::{
    Context,
    trace::{
        Span, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId,
        TraceState, Tracer, TracerProvider,
    },
};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, Sampler, SdkTracerProvider, ShouldSample,
};
use pitfalls::{GONE, in_memory, in_own_process};

/// What a caller sends that does not record: `traceparent: 00-…-…-00`.
fn caller_does_not_record() -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from_hex("0af7651916cd43dd8448eb211c80319c").unwrap(),
        SpanId::from_hex("b7ad6b7169203331").unwrap(),
        TraceFlags::default(),
        true,
        TraceState::default(),
    ))
}

fn sampled_by(
    sampler: impl ShouldSample + 'static,
) -> (SdkTracerProvider, InMemorySpanExporter) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .with_sampler(sampler)
        .build();
    (provider, exporter)
}

// ANCHOR: caller
#[test]
fn the_caller_decides_that_nothing_is_recorded() {
    let caller = caller_does_not_record();
    let serve = |provider: &SdkTracerProvider| {
        let tracer = provider.tracer("pitfalls");
        tracer.start_with_context("GET /orders/{id}", &caller).end();
    };

    // The default sampler follows the caller, who did not record.
    let (provider, spans) = in_memory();
    serve(&provider);
    assert!(spans.get_finished_spans().unwrap().is_empty(), "{GONE}");

    // Wrong: `AlwaysOn` records a span whose parent no backend will ever get.
    let (provider, spans) = sampled_by(Sampler::AlwaysOn);
    serve(&provider);
    let orphan = spans.get_finished_spans().unwrap().remove(0);
    assert_ne!(orphan.parent_span_id, SpanId::INVALID);

    // Right, where callers are strangers: a trace of your own, with a link.
    let (provider, spans) = in_memory();
    let tracer = provider.tracer("pitfalls");
    let mut root =
        tracer.start_with_context("GET /orders/{id}", &Context::new());
    root.add_link(caller.span().span_context().clone(), Vec::new());
    root.end();
    let root = spans.get_finished_spans().unwrap().remove(0);
    assert_eq!(root.parent_span_id, SpanId::INVALID);
    assert_eq!(root.links.len(), 1);
}
// ANCHOR_END: caller

#[test]
fn the_sampler_variable_has_no_effect() {
    let name = "the_sampler_variable_has_no_effect";
    let variables = [("OTEL_TRACES_SAMPLER", "always_off")];
    in_own_process(name, &variables, || {
        // Wrong: a sampler in the code beats the one in the environment.
        let (provider, spans) = sampled_by(Sampler::AlwaysOn);
        provider.tracer("pitfalls").start("order.price").end();
        assert_eq!(spans.get_finished_spans().unwrap().len(), 1, "{GONE}");

        // Right: no sampler in the code.
        let (provider, spans) = in_memory();
        provider.tracer("pitfalls").start("order.price").end();
        assert!(spans.get_finished_spans().unwrap().is_empty());
    });
}
