//! What the registry declares and nobody emits.

use otlp_console::contract::Telemetry;

use super::{emitted::emitted, registry};

#[track_caller]
fn unseen(change: impl FnOnce(&mut Telemetry), expected: &[&str]) {
    let mut telemetry = emitted();
    change(&mut telemetry);
    let unseen = registry().unseen(&telemetry);
    let said: Vec<_> = unseen.iter().map(ToString::to_string).collect();
    assert_eq!(said, expected);
}

#[test]
fn a_span_name_that_never_came() {
    unseen(
        |it| it.spans.retain(|span| span.name != "GET"),
        &[
            "span.first_trace.http.server declares span `GET`, but it was \
             never emitted",
        ],
    );
}

#[test]
fn an_attribute_that_never_came() {
    unseen(
        |it| {
            for span in &mut it.spans {
                span.attributes.remove("network.protocol.version");
            }
        },
        &[
            "span.first_trace.http.server declares attribute \
             `network.protocol.version`, but it was never emitted",
            "span.first_trace.http.client declares attribute \
             `network.protocol.version`, but it was never emitted",
        ],
    );
}

#[test]
fn an_enumeration_member_that_never_came() {
    unseen(
        |it| drop(it.metrics[3].points.pop()),
        &[
            "metric.shop.orders declares `failed` in `shop.order.outcome`, \
             but it was never emitted",
        ],
    );
}

#[test]
fn a_metric_and_an_event_that_never_came() {
    unseen(
        |it| {
            it.metrics.truncate(4);
            it.logs.truncate(1);
        },
        &[
            "event.stock.count.unreadable declares event \
             `stock.count.unreadable`, but it was never emitted",
            "metric.shop.order.value declares metric `shop.order.value`, but \
             it was never emitted",
        ],
    );
}

#[test]
fn a_span_that_never_came() {
    unseen(
        |it| it.spans.retain(|span| span.name != "order.price"),
        &[
            "span.shop.order.price declares any INTERNAL span, but it was \
             never emitted",
        ],
    );
}

#[test]
fn nothing_came() {
    let unseen = registry().unseen(&Telemetry::default());
    assert_eq!(unseen.len(), 11, "one for each group: {unseen:#?}");
}
