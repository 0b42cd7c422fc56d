//! What a process has once: the provider, the propagator.

use std::collections::HashMap;

use opentelemetry::{
    Context, global,
    trace::{Span, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_0_32::{
    global as global_0_32,
    trace::{Span as _, Tracer as _},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use pitfalls::{GONE, in_memory, in_own_process};

#[test]
fn outgoing_requests_carry_no_traceparent() {
    let name = "outgoing_requests_carry_no_traceparent";
    in_own_process(name, &[], || {
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

        // Wrong: nobody set a propagator. The default one does nothing.
        assert!(inject().is_empty(), "{GONE}");

        // Right: set it before the first request.
        global::set_text_map_propagator(TraceContextPropagator::new());
        assert!(inject().contains_key("traceparent"));
    });
}

// ANCHOR: versions
#[test]
fn the_spans_of_one_library_never_appear() {
    let name = "the_spans_of_one_library_never_appear";
    in_own_process(name, &[], || {
        let (provider, spans) = in_memory();
        global::set_tracer_provider(provider);

        // Wrong: a library brings opentelemetry 0.32, which has a global of
        // its own. Nobody set that one.
        global_0_32::tracer("library").start("SELECT orders").end();
        assert!(spans.get_finished_spans().unwrap().is_empty(), "{GONE}");

        // Right: one version in the whole tree.
        global::tracer("library").start("SELECT orders").end();
        assert_eq!(spans.get_finished_spans().unwrap().len(), 1);
    });
}
// ANCHOR_END: versions

#[test]
fn a_test_sees_the_spans_of_another_test() {
    let name = "a_test_sees_the_spans_of_another_test";
    in_own_process(name, &[], || {
        // Wrong: each test sets the global provider. The last one wins.
        let (first, first_spans) = in_memory();
        let (second, second_spans) = in_memory();
        global::set_tracer_provider(first.clone());
        global::set_tracer_provider(second);
        global::tracer("first").start("of the first test").end();
        assert!(
            first_spans.get_finished_spans().unwrap().is_empty(),
            "{GONE}"
        );
        assert_eq!(second_spans.get_finished_spans().unwrap().len(), 1);

        // Right: each test has a provider and hands it down.
        first.tracer("first").start("of the first test").end();
        assert_eq!(first_spans.get_finished_spans().unwrap().len(), 1);
    });
}
