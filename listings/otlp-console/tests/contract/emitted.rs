//! What shop and stock emit: an order that works, one that fails, and a
//! request for nothing.

use std::sync::Arc;

use opentelemetry_semantic_conventions::SCHEMA_URL;
use otlp_console::{
    contract::Telemetry,
    model::{
        Attributes, Instrument, LogRecord, Metric, Number, Origin, Point,
        Resource, Scope, Span, SpanId, SpanKind, Status, Temporality, TraceId,
    },
};

use super::values::{attributes, value};

/// The order that works.
pub(crate) const SERVED: TraceId = TraceId([1; 16]);
/// The order that fails.
pub(crate) const FAILED: TraceId = TraceId([2; 16]);

pub(crate) fn origin(service: &str) -> Origin {
    let attributes = attributes! {
        "service.name": service,
        "service.version": "0.1.0",
        "service.instance.id": "627cc493-f310-47de-96bd-71410b7dec09",
        "telemetry.sdk.language": "rust",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": "0.33.1",
    };
    let schema_url = SCHEMA_URL.to_owned();
    let resource = Resource {
        attributes,
        schema_url: schema_url.clone(),
    };
    let name = "telemetry".to_owned();
    let scope = Scope {
        name,
        version: String::new(),
        schema_url,
    };
    Origin {
        resource: Arc::new(resource),
        scope: Arc::new(scope),
    }
}

pub(crate) fn span(
    (trace_id, id, parent): (TraceId, u8, Option<u8>),
    (service, kind, name): (&str, SpanKind, &str),
    attributes: Attributes,
) -> Span {
    let failed = attributes.contains_key("error.type");
    Span {
        trace_id,
        span_id: SpanId([id; 8]),
        parent_span_id: parent.map(|id| SpanId([id; 8])),
        trace_state: String::new(),
        flags: 1,
        name: name.to_owned(),
        kind,
        start_unix_nano: 1_000,
        end_unix_nano: 2_000,
        attributes,
        events: Vec::new(),
        links: Vec::new(),
        status: match failed {
            true => Status::Error(String::new()),
            false => Status::Unset,
        },
        origin: origin(service),
    }
}

fn server(route: Option<&str>, status: i64) -> Attributes {
    let mut attributes = attributes! {
        "http.request.method": "GET",
        "url.path": "/",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": 3001,
        "network.protocol.version": "1.1",
        "http.response.status_code": status,
    };
    if let Some(route) = route {
        attributes.insert("http.route".into(), value(route));
    }
    if status >= 500 {
        let error = status.to_string();
        attributes.insert("error.type".into(), value(error.as_str()));
    }
    attributes
}

fn client(status: i64) -> Attributes {
    let mut attributes = server(None, status);
    attributes.remove("url.path");
    attributes.remove("url.scheme");
    let url = "http://127.0.0.1:3001/items/cup";
    attributes.insert("url.full".into(), value(url));
    attributes.insert("url.template".into(), value("/items/{sku}"));
    attributes
}

fn order(trace_id: TraceId, shop: i64, stock: i64) -> [Span; 3] {
    use SpanKind::{Client, Server};
    let (orders, items) = ("/orders/{id}", "/items/{sku}");
    [
        span(
            (trace_id, 1, None),
            ("shop", Server, "GET /orders/{id}"),
            server(Some(orders), shop),
        ),
        span(
            (trace_id, 2, Some(1)),
            ("shop", Client, "GET /items/{sku}"),
            client(stock),
        ),
        span(
            (trace_id, 3, Some(2)),
            ("stock", Server, "GET /items/{sku}"),
            server(Some(items), stock),
        ),
    ]
}

fn log(
    (trace_id, id): (TraceId, u8),
    (service, event_name, severity_number): (&str, &str, i32),
    attributes: Attributes,
) -> LogRecord {
    let origin = origin(service);
    LogRecord {
        time_unix_nano: 1_500,
        severity_number,
        severity_text: String::new(),
        event_name: event_name.to_owned(),
        body: value(event_name),
        attributes,
        trace_id: Some(trace_id),
        span_id: Some(SpanId([id; 8])),
        origin,
    }
}

fn metric(
    (name, instrument, unit): (&str, Instrument, &str),
    points: impl IntoIterator<Item = Attributes>,
) -> Metric {
    let points = points.into_iter().map(|attributes| Point {
        attributes,
        value: Number::Int(1),
        exemplars: 0,
    });
    Metric {
        name: name.to_owned(),
        unit: unit.to_owned(),
        description: String::new(),
        instrument,
        temporality: Temporality::Cumulative,
        points: points.collect(),
        origin: origin("shop"),
    }
}

fn without(mut attributes: Attributes, names: &[&str]) -> Attributes {
    attributes.retain(|name, _| !names.contains(&name.as_str()));
    attributes
}

fn metrics() -> Vec<Metric> {
    use Instrument::{Counter, Histogram, UpDownCounter};
    let server_point = |status| {
        let span_only = ["url.path", "server.address", "server.port"];
        without(server(Some("/orders/{id}"), status), &span_only)
    };
    let client_point = |status| without(client(status), &["url.full"]);
    let outcomes = ["served", "not_found", "failed"];
    let active = attributes! {
        "http.request.method": "GET", "url.scheme": "http"
    };
    vec![
        metric(
            ("http.server.request.duration", Histogram, "s"),
            [server_point(200), server_point(502)],
        ),
        metric(
            ("http.server.active_requests", UpDownCounter, "{request}"),
            [active],
        ),
        metric(
            ("http.client.request.duration", Histogram, "s"),
            [client_point(200), client_point(500)],
        ),
        metric(
            ("shop.orders", Counter, "{order}"),
            outcomes.map(|it| attributes! { "shop.order.outcome": it }),
        ),
        metric(
            ("shop.order.value", Histogram, "{cent}"),
            [Attributes::new()],
        ),
    ]
}

pub(crate) fn emitted() -> Telemetry {
    let mut spans = Vec::from(order(SERVED, 200, 200));
    spans.extend(order(FAILED, 502, 500));
    spans.push(span(
        (SERVED, 4, Some(1)),
        ("shop", SpanKind::Internal, "order.price"),
        attributes! { "shop.order.lines": 2 },
    ));
    spans.push(span(
        (TraceId([3; 16]), 1, None),
        ("shop", SpanKind::Server, "GET"),
        server(None, 404),
    ));
    let logs = vec![
        log(
            (SERVED, 1),
            ("shop", "order.served", 9),
            attributes! { "shop.order.in_stock": true },
        ),
        log(
            (FAILED, 3),
            ("stock", "stock.count.unreadable", 17),
            attributes! { "exception.message": "invalid digit" },
        ),
    ];
    Telemetry {
        spans,
        logs,
        metrics: metrics(),
    }
}
