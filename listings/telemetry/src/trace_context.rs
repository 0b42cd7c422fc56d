//! W3C Trace Context, level 2, to the letter.

mod traceparent;
mod tracestate;

use opentelemetry::{
    Context,
    propagation::{
        Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter,
    },
    trace::{SpanContext, TraceContextExt, TraceFlags, TraceId, TraceState},
};

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const RANDOM: TraceFlags = TraceFlags::new(0b10);

// ANCHOR: trace-context
/// Reads and writes `traceparent` and `tracestate` as W3C Trace Context
/// [Trace Context Level 2](https://www.w3.org/TR/trace-context-2/) demands.
///
/// The SDK's own propagator is more lenient: it takes the first of several
/// `traceparent` headers and ids of a wrong length, reads one `tracestate`
/// header of many, and clears the random flag.
#[derive(Clone, Debug)]
pub struct TraceContext {
    fields: [String; 2],
}

/// What a [`SpanContext`] of the SDK cannot carry across a span of ours.
///
/// Bound to its trace: a new trace that starts in the same [`Context`] must
/// not inherit it.
#[derive(Debug)]
struct Received {
    trace_id: TraceId,
    random: TraceFlags,
    tracestate: String,
}
// ANCHOR_END: trace-context

impl Default for TraceContext {
    fn default() -> Self {
        Self {
            fields: [TRACEPARENT.to_owned(), TRACESTATE.to_owned()],
        }
    }
}

// ANCHOR: trace-context-extract
impl TraceContext {
    fn remote_parent(
        &self,
        carrier: &dyn Extractor,
    ) -> Option<(SpanContext, Received)> {
        let headers = carrier.get_all(TRACEPARENT)?;
        let [header] = headers[..] else { return None };
        let (trace_id, span_id, flags) = traceparent::parse(header)?;

        // A bad tracestate is dropped and does not hurt the traceparent.
        let members = carrier
            .get_all(TRACESTATE)
            .and_then(|headers| tracestate::parse(&headers))
            .unwrap_or_default();
        let mut received = Received {
            trace_id,
            random: flags & RANDOM,
            tracestate: String::new(),
        };
        // The API's type refuses some keys that the Recommendation allows.
        // Such a header still has to travel on, so it travels beside the span.
        let state = TraceState::from_key_value(members.iter().copied())
            .unwrap_or_else(|_| {
                received.tracestate = tracestate::render(&members);
                TraceState::NONE
            });
        let flags = flags & (TraceFlags::SAMPLED | RANDOM);
        let parent = SpanContext::new(trace_id, span_id, flags, true, state);
        Some((parent, received))
    }
}
// ANCHOR_END: trace-context-extract

// ANCHOR: trace-context-inject
impl TextMapPropagator for TraceContext {
    fn extract_with_context(
        &self,
        cx: &Context,
        carrier: &dyn Extractor,
    ) -> Context {
        match self.remote_parent(carrier) {
            Some((parent, received)) => {
                cx.with_value(received).with_remote_span_context(parent)
            }
            None => cx.clone(),
        }
    }

    fn inject_context(&self, cx: &Context, carrier: &mut dyn Injector) {
        let span = cx.span();
        let span = span.span_context();
        if !span.is_valid() {
            return;
        }
        let received = cx
            .get::<Received>()
            .filter(|received| received.trace_id == span.trace_id());
        let random = received.map_or(TraceFlags::default(), |r| r.random);
        let flags =
            (span.trace_flags() | random) & (TraceFlags::SAMPLED | RANDOM);
        carrier.set(TRACEPARENT, traceparent::render(span, flags));

        if let Some(state) = state_to_send(span, received) {
            carrier.set(TRACESTATE, state);
        }
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}
// ANCHOR_END: trace-context-inject

/// The span's own state where it has one: a sampler may have changed it.
fn state_to_send(
    span: &SpanContext,
    received: Option<&Received>,
) -> Option<String> {
    Some(span.trace_state().header())
        .filter(|state| !state.is_empty())
        .or_else(|| received.map(|received| received.tracestate.clone()))
        .filter(|state| !state.is_empty())
}
