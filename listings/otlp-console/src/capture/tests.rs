use super::*;
use crate::model::{
    Attributes, Event, Link, Origin, Resource, Scope, SpanId, SpanKind, Status,
    TraceId, Value,
};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
};
use std::sync::Arc;

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Empty),
        ".{0,8}".prop_map(Value::Str),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Double),
        prop::sample::select(vec![f64::NAN, f64::INFINITY, -f64::INFINITY])
            .prop_map(Value::Double),
        vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::Array),
            btree_map("[a-z]{1,3}", inner, 0..3).prop_map(Value::Map),
        ]
    })
}

fn attributes() -> impl Strategy<Value = Attributes> {
    btree_map("[a-z.]{1,8}", any_value(), 0..4)
}

prop_compose! {
    fn origin()(
        attributes in attributes(),
        [name, version] in [".{0,4}", ".?"],
        [scope_schema, schema_url] in [".?", ".?"],
    ) -> Origin {
        let schema = scope_schema;
        Origin {
            resource: Arc::new(Resource { attributes, schema_url }),
            scope: Arc::new(Scope { name, version, schema_url: schema }),
        }
    }
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Unset),
        Just(Status::Ok),
        ".{0,4}".prop_map(Status::Error),
    ]
}

prop_compose! {
    fn event()(
        time_unix_nano: u64, name in ".{0,4}", attributes in attributes(),
    ) -> Event {
        Event { time_unix_nano, name, attributes }
    }
}

prop_compose! {
    fn link()(id in 1..9_u8, attributes in attributes()) -> Link {
        let trace_id = TraceId([id; 16]);
        Link { trace_id, span_id: SpanId([id; 8]), attributes }
    }
}

prop_compose! {
    fn span()(
        parent in option::of(1..9_u8),
        [name, trace_state] in [".{0,8}", "(a=b)?"],
        (flags, start_unix_nano, end_unix_nano) in any::<(u32, u64, u64)>(),
        kind in prop::sample::select(vec![
            SpanKind::Unspecified, SpanKind::Internal, SpanKind::Server,
            SpanKind::Client, SpanKind::Producer, SpanKind::Consumer,
        ]),
        attributes in attributes(),
        events in vec(event(), 0..2),
        links in vec(link(), 0..2),
        status in status(),
        origin in origin(),
    ) -> Span {
        Span {
            trace_id: TraceId([7; 16]),
            span_id: SpanId([8; 8]),
            parent_span_id: parent.map(|id| SpanId([id; 8])),
            trace_state, flags, name, kind, start_unix_nano, end_unix_nano,
            attributes, events, links, status, origin,
        }
    }
}

prop_compose! {
    fn log()(
        time_unix_nano: u64,
        severity_number in 0..25,
        [severity_text, event_name] in [".{0,4}", ".{0,4}"],
        body in any_value(),
        attributes in attributes(),
        span in option::of(1..9_u8),
        origin in origin(),
    ) -> LogRecord {
        LogRecord {
            time_unix_nano, severity_number, severity_text, event_name, body,
            attributes,
            trace_id: Some(TraceId([7; 16])),
            span_id: span.map(|id| SpanId([id; 8])),
            origin,
        }
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(span in span(), log in log()) {
        let lines =
            [span_line(&span), log_line(&log)].join("\n");
        prop_assert_eq!(lines.lines().count(), 2);
        let traces = read(&lines).unwrap();
        let expected = Trace {
            trace_id: TraceId([7; 16]),
            spans: vec![span],
            logs: vec![log],
        };
        prop_assert_eq!(traces, [expected]);
    }
}

#[test]
fn a_bad_line_is_named() {
    let span = crate::testing::span(1, None, SpanKind::Server);
    let good = span_line(&span);
    let no_id = good.replace("01", "00");
    for (bad, reason) in [
        ("{", "EOF"),
        ("{}", "expected resourceSpans"),
        (no_id.as_str(), "not all zero"),
    ] {
        let text = format!("{good}\n\n{bad}\n");
        let error = read(&text).unwrap_err().to_string();
        assert!(error.starts_with("line 3: "), "{error}");
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn the_deepest_value_that_is_received_is_read_back() {
    let with_levels = |levels: usize| {
        let mut span = crate::testing::span(1, None, SpanKind::Server);
        let nest = |value, _| Value::Array(vec![value]);
        let value = (0..levels).fold(Value::Int(1), nest);
        span.attributes.insert("deep".to_owned(), value);
        span
    };
    let deepest = with_levels(23);
    let traces = read(&span_line(&deepest)).unwrap();
    assert_eq!(traces[0].spans, [deepest]);
    let error = read(&span_line(&with_levels(24))).unwrap_err();
    assert!(error.to_string().contains("in one another"), "{error}");
}

#[test]
fn what_is_whole_is_read_beside_what_is_not() {
    let span = crate::testing::span(1, None, SpanKind::Server);
    let good = span_line(&span);
    let cut = &good[..good.len() - 9];
    let (traces, left_out) = read_readable(&format!("{good}\n{cut}"));
    assert_eq!(traces[0].spans, [span]);
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].line, 2);
}
