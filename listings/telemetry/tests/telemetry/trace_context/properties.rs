//! What holds for any input.

use http::{HeaderMap, HeaderValue};
use opentelemetry::{Context, propagation::TextMapPropagator};
use proptest::prelude::*;
use telemetry::TraceContext;

use super::{extract, headers, inject, text};

#[test]
fn nothing_is_injected_outside_a_trace() {
    assert!(inject(&Context::new()).is_empty());
}

proptest! {
    #[test]
    fn no_input_panics(
        parents in prop::collection::vec(any::<Vec<u8>>(), 0..3),
        states in prop::collection::vec(any::<Vec<u8>>(), 0..3),
    ) {
        let mut headers = HeaderMap::new();
        for (name, values) in [("traceparent", parents), ("tracestate", states)] {
            for value in values {
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    headers.append(name, value);
                }
            }
        }
        extract(&headers);
    }

    #[test]
    fn no_text_panics(
        parent in "[0-9a-fA-F-]{0,60}|\\PC{0,70}",
        state in "\\PC{0,600}",
    ) {
        let carrier = std::collections::HashMap::from([
            ("traceparent".to_owned(), parent),
            ("tracestate".to_owned(), state),
        ]);
        TraceContext::default()
            .extract_with_context(&Context::new(), &carrier);
    }

    #[test]
    fn valid_input_passes_unchanged(
        trace_id in 1..=u128::MAX,
        span_id in 1..=u64::MAX,
        flags in 0..=3u8,
        members in prop::collection::vec(
            ("[a-z0-9][a-z0-9_*/@-]{0,30}", "[ -+--<>-~]{0,30}[!-+--<>-~]"),
            0..=32,
        ),
    ) {
        let parent = format!("00-{trace_id:032x}-{span_id:016x}-{flags:02x}");
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let state = members.join(",");
        let received = headers(&[("traceparent", &parent), ("tracestate", &state)]);
        let sent = inject(&extract(&received));
        prop_assert_eq!(text(&sent, "traceparent"), parent);
        prop_assert_eq!(text(&sent, "tracestate"), state);
    }
}
