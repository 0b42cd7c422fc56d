//! Telemetry that makes no sense gets violations, never a panic.

use otlp_console::model::{Attributes, SpanKind, Value};
use proptest::{collection::btree_map, prelude::*};

use super::{emitted::emitted, registry};

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Empty),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Double),
        ".{0,40}".prop_map(Value::Str),
        any::<Vec<u8>>().prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Value::Array)
    })
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let declared = prop::sample::select(vec![
        "http.request.method",
        "http.route",
        "url.template",
        "error.type",
        "shop.order.outcome",
    ]);
    let names = prop_oneof![declared.prop_map(str::to_owned), ".{0,20}"];
    btree_map(names, values(), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_telemetry_can_be_checked(
        name in ".{0,40}",
        kind in prop::sample::select(vec![
            SpanKind::Unspecified, SpanKind::Internal, SpanKind::Server,
            SpanKind::Client, SpanKind::Producer, SpanKind::Consumer,
        ]),
        attributes in attributes(),
    ) {
        let mut telemetry = emitted();
        for span in &mut telemetry.spans {
            span.name.clone_from(&name);
            span.kind = kind;
            span.attributes.clone_from(&attributes);
        }
        for log in &mut telemetry.logs {
            log.event_name.clone_from(&name);
            log.attributes.clone_from(&attributes);
        }
        for metric in &mut telemetry.metrics {
            metric.points[0].attributes.clone_from(&attributes);
        }
        let registry = registry();
        let violations = registry.check(&telemetry);
        prop_assert!(!violations.is_empty());
        for violation in violations {
            prop_assert!(!violation.to_string().is_empty());
        }
        prop_assert!(!registry.unseen(&telemetry).is_empty());
    }
}
