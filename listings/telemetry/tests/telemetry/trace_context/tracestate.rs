//! `tracestate`: what is passed on and what is dropped.

use http::HeaderValue;
use opentelemetry::{
    Context,
    trace::{TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use super::{
    PARENT, TRACE_ID, extract, headers, inject, state, text, through_a_service,
};

#[test]
fn tracestate_is_inherited() {
    assert_eq!(state(&[]), "");
    assert_eq!(state(&["foo=1,bar=2"]), "foo=1,bar=2");
    assert_eq!(
        state(&["foo=1,bar=2", "rojo=1,congo=2", "baz=3"]),
        "foo=1,bar=2,rojo=1,congo=2,baz=3"
    );
}

#[test]
fn tracestate_without_a_valid_traceparent_is_not() {
    let sent = |lines: &[(&str, &str)]| {
        through_a_service(lines, Sampler::AlwaysOn)[1].clone()
    };
    assert_eq!(sent(&[("tracestate", "foo=1")]), "");
    let bad = PARENT.replace("00-", "ff-");
    assert_eq!(sent(&[("traceparent", &bad), ("tracestate", "foo=1")]), "");
}

#[test]
fn tracestate_header_name() {
    for (name, expected) in [
        ("TraceState", "foo=1"),
        ("TrAcEsTaTe", "foo=1"),
        ("TRACESTATE", "foo=1"),
        ("trace-state", ""),
        ("trace.state", ""),
    ] {
        let lines = [("traceparent", PARENT), (name, "foo=1")];
        let [_, state] = through_a_service(&lines, Sampler::AlwaysOn);
        assert_eq!(state, expected, "{name}");
    }
}

#[test]
fn tracestate_empty_members() {
    assert_eq!(state(&[""]), "");
    assert_eq!(state(&["foo=1", ""]), "foo=1");
    assert_eq!(state(&["", "foo=1"]), "foo=1");
    assert_eq!(state(&["foo=1,,bar=2,\t ,"]), "foo=1,bar=2");
}

#[test]
fn tracestate_repeated_keys_are_not_ours_to_clean_up() {
    assert_eq!(state(&["foo=1,foo=1"]), "foo=1,foo=1");
    assert_eq!(state(&["foo=1", "foo=2"]), "foo=1,foo=2");
}

#[test]
fn tracestate_all_allowed_characters() {
    let key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
    let value: String = (' '..='~').filter(|c| !",=".contains(*c)).collect();
    let plain = format!("{key}={value}");
    let tenant = format!("{key}@a-z0-9_-*/={value}");
    assert_eq!(state(&[&plain]), plain);
    assert_eq!(state(&[&tenant]), tenant);
}

#[test]
fn tracestate_white_space() {
    for line in [
        "foo=1 \t , \t bar=2, \t baz=3",
        "foo=1\t \t,\t \tbar=2,\t \tbaz=3",
        "\t foo=1,bar=2,baz=3 \t",
    ] {
        assert_eq!(state(&[line]), "foo=1,bar=2,baz=3", "{line:?}");
    }
    assert_eq!(state(&["foo= 1"]), "foo= 1", "part of the value");
}

#[test]
fn tracestate_keys() {
    for key in [
        "foo@",
        "foo@@bar",
        "foo@bar@baz",
        "1foo",
        "t@vvvvvvvvvvvvvvv",
    ] {
        let line = format!("{key}=1,bar=2");
        assert_eq!(state(&[&line]), line, "{key}");
    }
    for key in ["foo ", "FOO", "foo.bar", "@foo", "_foo", "", "fo\u{f6}"] {
        let line = format!("bar=2,{key}=1");
        let parts = [("traceparent", PARENT)];
        let mut all = headers(&parts);
        let value = HeaderValue::from_bytes(line.as_bytes()).unwrap();
        all.append("tracestate", value);
        let sent = inject(&extract(&all));
        assert_eq!(text(&sent, "tracestate"), "", "{key:?}");
    }
}

#[test]
fn tracestate_lengths() {
    let key = |length| format!("foo=1,{}=1", "z".repeat(length));
    assert_eq!(state(&[&key(256)]), key(256));
    assert_eq!(state(&[&key(257)]), "");
    let value = |length| format!("foo=1,bar={}", "z".repeat(length));
    assert_eq!(state(&[&value(256)]), value(256));
    assert_eq!(state(&[&value(257)]), "");

    let members = |count: u32| {
        let members = (1..=count).map(|n| format!("bar{n:02}={n:02}"));
        members.collect::<Vec<_>>().join(",")
    };
    assert_eq!(state(&[&members(32)]), members(32));
    assert_eq!(state(&[&members(33)]), "");
    assert_eq!(state(&[&members(30), "bar31=31,bar32=32"]), members(32));
    assert_eq!(state(&[&members(30), "a=1,b=2,c=3"]), "");
}

#[test]
fn tracestate_values() {
    for value in ["bar=baz", "", "\u{f6}"] {
        let line = format!("foo={value},bar=3");
        let mut all = headers(&[("traceparent", PARENT)]);
        let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
        all.append("tracestate", line);
        let sent = inject(&extract(&all));
        assert_eq!(text(&sent, "tracestate"), "", "{value:?}");
    }
    assert_eq!(state(&["foo"]), "", "no equals sign");
}

#[test]
fn a_refused_tracestate_stays_with_its_trace() {
    let lines = [("traceparent", PARENT), ("tracestate", "foo@@bar=1")];
    let received = extract(&headers(&lines));
    let provider = SdkTracerProvider::builder().build();
    let root = provider
        .tracer("service")
        .start_with_context("new trace", &Context::new());
    let sent = inject(&received.with_span(root));
    assert!(!text(&sent, "traceparent").contains(TRACE_ID));
    assert_eq!(text(&sent, "tracestate"), "");
}
