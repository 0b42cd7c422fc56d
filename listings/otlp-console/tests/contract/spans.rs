//! Spans whose name, kind or relatives are wrong.

use otlp_console::model::{Event, Link, SpanId, SpanKind};

use super::{CLIENT, PRICE, SHOP, emitted::SERVED, says, values::value};

#[test]
fn an_unknown_span() {
    says(
        |it| it.spans[PRICE].name = "order.pirce".into(),
        &[
            "span `order.pirce` (INTERNAL of shop) has a name that does not \
             follow the template `order.price`, which makes `order.price` of \
             its attributes (span.shop.order.price)",
        ],
    );
    says(
        |it| {
            it.spans[PRICE].name = "order.pirce".into();
            it.spans[PRICE].attributes.clear();
        },
        &[
            "span `order.pirce` (INTERNAL of shop) is not in the registry; \
             did you mean `order.price`?",
        ],
    );
    says(
        |it| {
            it.spans[PRICE].name = "checkout".into();
            it.spans[PRICE].attributes.clear();
        },
        &["span `checkout` (INTERNAL of shop) is not in the registry"],
    );
}

#[test]
fn a_span_of_the_wrong_kind() {
    says(
        |it| it.spans[PRICE].kind = SpanKind::Client,
        &[
            "span `order.price` (CLIENT of shop) is of another kind than the \
             registry's INTERNAL (span.shop.order.price)",
        ],
    );
}

#[test]
fn a_span_name_of_high_cardinality() {
    says(
        |it| it.spans[SHOP].name = "GET /orders/1042".into(),
        &[
            "span `GET /orders/1042` (SERVER of shop) has a name that does \
             not follow the template `{http.request.method} {http.route}`, \
             which makes `GET /orders/{id}` of its attributes \
             (span.first_trace.http.server)",
        ],
    );
    says(
        |it| {
            let span = &mut it.spans[SHOP];
            span.name = "GET /orders/1042".into();
            span.attributes
                .insert("http.route".into(), value("/orders/1042"));
        },
        &[
            "span `GET /orders/1042` (SERVER of shop) has a name of high \
             cardinality: it is none of those that the registry lists, `GET \
             /orders/{id}`, `GET /items/{sku}`, `GET` \
             (span.first_trace.http.server)",
        ],
    );
}

#[test]
fn a_wrong_parent() {
    says(
        |it| it.spans[CLIENT].parent_span_id = None,
        &[
            "span `GET /items/{sku}` (CLIENT of shop) has as parent `root`; \
             the registry wants `span.first_trace.http.server` \
             (span.first_trace.http.client)",
        ],
    );
    says(
        |it| it.spans[CLIENT].parent_span_id = Some(SpanId([9; 8])),
        &[
            "span `GET /items/{sku}` (CLIENT of shop) has as parent `remote`; \
             the registry wants `span.first_trace.http.server` \
             (span.first_trace.http.client)",
        ],
    );
}

#[test]
fn a_link_that_is_not_declared() {
    says(
        |it| {
            it.spans[PRICE].links.push(Link {
                trace_id: SERVED,
                span_id: SpanId([2; 8]),
                attributes: Default::default(),
            });
        },
        &["span `order.price` (INTERNAL of shop) links to \
           `span.first_trace.http.client`; the registry allows no link \
           (span.shop.order.price)"],
    );
}

#[test]
fn a_span_event_that_is_not_declared() {
    says(
        |it| {
            it.spans[PRICE].events.push(Event {
                time_unix_nano: 1,
                name: "exception".into(),
                attributes: Default::default(),
            });
        },
        &["span `order.price` (INTERNAL of shop) has the span event \
           `exception`, which is not in span.shop.order.price"],
    );
}
