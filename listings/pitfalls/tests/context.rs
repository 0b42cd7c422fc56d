//! Who is the parent?
#![allow(clippy::unwrap_used)]

use std::{collections::HashMap, thread};

use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt,
    context::FutureExt,
    propagation::{TextMapCompositePropagator, TextMapPropagator},
    trace::{Span, SpanId, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    propagation::{BaggagePropagator, TraceContextPropagator},
    trace::{InMemorySpanExporter, SdkTracer},
};
use pitfalls::{GONE, in_memory};
use tokio::sync::oneshot;

/// The context of a request whose server span is open.
fn request(tracer: &SdkTracer) -> Context {
    Context::current_with_span(tracer.start("GET /orders/{id}"))
}

fn parent(spans: &InMemorySpanExporter, name: &str) -> SpanId {
    let ended = spans.get_finished_spans().unwrap();
    let span = ended.iter().find(|span| span.name == name);
    span.unwrap().parent_span_id
}

// ANCHOR: spawn
#[tokio::test]
async fn a_spawned_task_starts_a_trace_of_its_own() {
    let (provider, spans) = in_memory();
    let tracer = provider.tracer("pitfalls");
    let task = |name| {
        let tracer = tracer.clone();
        async move { tracer.start(name).end() }
    };

    let request = request(&tracer);
    let handler = async {
        // Wrong: the task runs in an empty context.
        tokio::spawn(task("lost")).await.unwrap();

        // Right: it takes the context along.
        tokio::spawn(task("kept").with_current_context())
            .await
            .unwrap();
    };
    handler.with_context(request.clone()).await;

    assert_eq!(parent(&spans, "lost"), SpanId::INVALID, "{GONE}");
    assert_eq!(
        parent(&spans, "kept"),
        request.span().span_context().span_id()
    );
}
// ANCHOR_END: spawn

#[test]
fn a_thread_starts_a_trace_of_its_own() {
    let (provider, spans) = in_memory();
    let tracer = provider.tracer("pitfalls");
    let request = request(&tracer);
    let _active = request.clone().attach();

    thread::scope(|scope| {
        // Wrong: the current context belongs to the other thread.
        scope.spawn(|| tracer.start("lost").end());

        // Right: hand it over, and attach it on the new thread.
        let cx = Context::current();
        scope.spawn(|| {
            let _active = cx.attach();
            tracer.start("kept").end();
        });
    });

    assert_eq!(parent(&spans, "lost"), SpanId::INVALID, "{GONE}");
    assert_eq!(
        parent(&spans, "kept"),
        request.span().span_context().span_id()
    );
}

// ANCHOR: guard
#[tokio::test]
async fn a_request_becomes_the_parent_of_another_request() {
    let (provider, spans) = in_memory();
    let tracer = provider.tracer("pitfalls");
    let request = request(&tracer);
    let request_id = request.span().span_context().span_id();

    // Wrong: a guard held over an await. While this future waits, its
    // neighbour on the same thread finds the request's context attached.
    let (attached, attach) = oneshot::channel();
    let (finished, finish) = oneshot::channel();
    let handler = async {
        let _active = request.clone().attach();
        attached.send(()).unwrap();
        finish.await.unwrap();
    };
    let neighbour = async {
        attach.await.unwrap();
        tracer.start("neighbour").end();
        finished.send(()).unwrap();
    };
    tokio::join!(handler, neighbour);
    assert_eq!(parent(&spans, "neighbour"), request_id, "{GONE}");

    // Right: the future carries its context, and puts it down when it waits.
    let handler = async { tokio::task::yield_now().await };
    let neighbour = async { tracer.start("unrelated").end() };
    tokio::join!(handler.with_context(request), neighbour);
    assert_eq!(parent(&spans, "unrelated"), SpanId::INVALID);
}
// ANCHOR_END: guard

#[test]
fn baggage_stays_behind() {
    let cx = Context::new().with_baggage([KeyValue::new("tier", "gold")]);
    let header = |propagator: &dyn TextMapPropagator| {
        let mut headers = HashMap::<String, String>::new();
        propagator.inject_context(&cx, &mut headers);
        headers.remove("baggage")
    };

    // Wrong: the trace context is all that this one carries.
    let alone = TraceContextPropagator::new();
    assert_eq!(header(&alone), None, "{GONE}");

    // Right: both.
    let both = TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ]);
    assert_eq!(header(&both).as_deref(), Some("tier=gold"));
}

#[test]
fn baggage_is_on_no_span() {
    let (provider, spans) = in_memory();
    let tracer = provider.tracer("pitfalls");
    let cx = Context::new().with_baggage([KeyValue::new("tier", "gold")]);

    // Wrong: expect the SDK to copy it.
    tracer.start_with_context("lost", &cx).end();

    // Right: copy the entries that you chose.
    let mut span = tracer.start_with_context("kept", &cx);
    if let Some(tier) = cx.baggage().get("tier") {
        span.set_attribute(KeyValue::new("shop.tier", tier.clone()));
    }
    span.end();

    let ended = spans.get_finished_spans().unwrap();
    assert!(ended[0].attributes.is_empty(), "{GONE}");
    assert_eq!(ended[1].attributes, [KeyValue::new("shop.tier", "gold")]);
}
