//! The cases of the W3C trace-context test suite, level 2.

mod properties;
mod traceparent;
mod tracestate;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context,
    propagation::TextMapPropagator,
    trace::{TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_http::HeaderInjector;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use telemetry::{HeaderCarrier, TraceContext};

const TRACE_ID: &str = "12345678901234567890123456789012";
const PARENT: &str = "00-12345678901234567890123456789012-1234567890123456-00";

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&str, &str)| {
        let name = HeaderName::try_from(*name).unwrap();
        // As a server does with a received field value.
        let value = value.trim_matches([' ', '\t']);
        (name, HeaderValue::try_from(value).unwrap())
    };
    let mut headers = HeaderMap::new();
    for (name, value) in lines.iter().map(line) {
        headers.append(name, value);
    }
    headers
}

fn extract(headers: &HeaderMap) -> Context {
    let carrier = HeaderCarrier(headers);
    TraceContext::default().extract_with_context(&Context::new(), &carrier)
}

fn inject(context: &Context) -> HeaderMap {
    let mut headers = HeaderMap::new();
    TraceContext::default()
        .inject_context(context, &mut HeaderInjector(&mut headers));
    headers
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
        .to_owned()
}

/// What a service sends on when it received `lines`: `traceparent` and
/// `tracestate`, with a span of its own in between.
fn through_a_service(lines: &[(&str, &str)], sampler: Sampler) -> [String; 2] {
    let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
    let parent = extract(&headers(lines));
    let span = provider
        .tracer("service")
        .start_with_context("work", &parent);
    let sent = inject(&parent.with_span(span));
    [text(&sent, "traceparent"), text(&sent, "tracestate")]
}

fn joins(lines: &[(&str, &str)]) -> bool {
    let [traceparent, _] = through_a_service(lines, Sampler::AlwaysOn);
    assert_eq!(traceparent.len(), 55, "{traceparent}");
    assert!(
        !traceparent.contains("1234567890123456-0"),
        "same parent id"
    );
    assert!(!traceparent.contains("00000000000000000000000000000000"));
    traceparent.starts_with(&format!("00-{TRACE_ID}-"))
}

fn state(lines: &[&str]) -> String {
    let mut all = vec![("traceparent", PARENT)];
    all.extend(lines.iter().map(|line| ("tracestate", *line)));
    assert!(
        joins(&all),
        "a bad tracestate must not hurt the traceparent"
    );
    let [_, state] = through_a_service(&all, Sampler::AlwaysOn);
    state
}
