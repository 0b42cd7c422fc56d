//! `traceparent`: which headers join a trace and which start a new one.

use http::HeaderValue;
use opentelemetry::{
    Context, propagation::TextMapPropagator, trace::TraceContextExt,
};
use opentelemetry_sdk::trace::Sampler;
use telemetry::TraceContext;

use super::{
    PARENT, TRACE_ID, extract, headers, inject, joins, text, through_a_service,
};

#[test]
fn traceparent_valid() {
    for value in [
        "00-12345678901234567890123456789012-1234567890123456-01",
        "00-12345678901234567890123456789012-1234567890123456-00",
        "cc-12345678901234567890123456789012-1234567890123456-01",
        "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
        " 00-12345678901234567890123456789012-1234567890123456-01",
        "\t00-12345678901234567890123456789012-1234567890123456-01",
        "00-12345678901234567890123456789012-1234567890123456-01 ",
        "00-12345678901234567890123456789012-1234567890123456-01\t",
        "\t 00-12345678901234567890123456789012-1234567890123456-01 \t",
    ] {
        assert!(joins(&[("traceparent", value)]), "{value:?}");
    }
}

#[test]
fn traceparent_white_space_in_other_carriers() {
    let carrier = std::collections::HashMap::from([(
        "traceparent".to_owned(),
        format!("\t {PARENT} \t"),
    )]);
    let context =
        TraceContext::default().extract_with_context(&Context::new(), &carrier);
    assert!(context.span().span_context().is_valid());
}

#[test]
fn traceparent_header_name() {
    for name in ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"] {
        assert!(joins(&[(name, PARENT)]), "{name}");
    }
    for name in ["trace-parent", "trace.parent"] {
        assert!(!joins(&[(name, PARENT)]), "{name}");
    }
}

#[test]
fn traceparent_missing_or_repeated() {
    assert!(!joins(&[]));
    assert!(!joins(&[("traceparent", PARENT), ("traceparent", PARENT)]));
    let other = "00-12345678901234567890123456789011-1234567890123456-01";
    assert!(!joins(&[("traceparent", other), ("traceparent", PARENT)]));
}

#[test]
fn traceparent_repeated_in_bytes_that_are_no_text() {
    let mut headers = headers(&[("traceparent", PARENT)]);
    let bytes = HeaderValue::from_bytes(b"00-\xff").unwrap();
    headers.append("traceparent", bytes);
    assert!(!extract(&headers).span().span_context().is_valid());
}

#[test]
fn traceparent_invalid() {
    for value in [
        "",
        "-",
        // version
        "00-12345678901234567890123456789012-1234567890123456-01.",
        "00-12345678901234567890123456789012-1234567890123456-01-",
        "00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like",
        "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like",
        "ff-12345678901234567890123456789012-1234567890123456-01",
        ".0-12345678901234567890123456789012-1234567890123456-01",
        "0.-12345678901234567890123456789012-1234567890123456-01",
        "000-12345678901234567890123456789012-1234567890123456-01",
        "0000-12345678901234567890123456789012-1234567890123456-01",
        "0-12345678901234567890123456789012-1234567890123456-01",
        "CC-12345678901234567890123456789012-1234567890123456-01",
        // trace-id
        "00-00000000000000000000000000000000-1234567890123456-01",
        "00-.2345678901234567890123456789012-1234567890123456-01",
        "00-1234567890123456789012345678901.-1234567890123456-01",
        "00-123456789012345678901234567890123-1234567890123456-01",
        "00-1234567890123456789012345678901-1234567890123456-01",
        "00-ABCDEF78901234567890123456789012-1234567890123456-01",
        "00-+2345678901234567890123456789012-1234567890123456-01",
        // parent-id
        "00-12345678901234567890123456789012-0000000000000000-01",
        "00-12345678901234567890123456789012-.234567890123456-01",
        "00-12345678901234567890123456789012-123456789012345.-01",
        "00-12345678901234567890123456789012-12345678901234567-01",
        "00-12345678901234567890123456789012-123456789012345-01",
        "00-12345678901234567890123456789012-ABCDEF7890123456-01",
        // trace-flags
        "00-12345678901234567890123456789012-1234567890123456-.0",
        "00-12345678901234567890123456789012-1234567890123456-0.",
        "00-12345678901234567890123456789012-1234567890123456-001",
        "00-12345678901234567890123456789012-1234567890123456-1",
        "00-12345678901234567890123456789012-1234567890123456-",
        "00-12345678901234567890123456789012-1234567890123456",
        "00-12345678901234567890123456789012-1234567890123456-0A",
        // separators, and a list in one header
        "00_12345678901234567890123456789012_1234567890123456_01",
        "00-12345678901234567890123456789012-1234567890123456-01,\
         00-12345678901234567890123456789012-1234567890123456-01",
    ] {
        let valid = extract(&headers(&[("traceparent", value)]))
            .span()
            .span_context()
            .is_valid();
        assert!(!valid, "{value:?}");
    }
}

#[test]
fn flags_keep_what_is_known_and_clear_the_rest() {
    for (received, sent) in [
        ("00", "00"),
        ("01", "01"),
        ("02", "02"),
        ("03", "03"),
        ("ff", "03"),
    ] {
        let parent = format!("00-{TRACE_ID}-1234567890123456-{received}");
        let headers = headers(&[("traceparent", &parent)]);
        let parent = text(&inject(&extract(&headers)), "traceparent");
        assert_eq!(parent[53..], *sent, "{received}");
    }
}

#[test]
fn the_random_flag_survives_a_span_that_is_not_sampled() {
    let parent = format!("00-{TRACE_ID}-1234567890123456-02");
    let lines = [("traceparent", parent.as_str())];
    let [on, _] = through_a_service(&lines, Sampler::AlwaysOn);
    let [off, _] = through_a_service(&lines, Sampler::AlwaysOff);
    assert_eq!((&on[53..], &off[53..]), ("03", "02"));
}
