//! Requests of every kind, and the span and metrics of each.

use otlp_console::model::{Instrument, Number, SpanKind, Status};
use tower_http::catch_panic::CatchPanicLayer;

use super::{Service, router, serve};
use crate::support::{attribute, finish, receiver, start};

/// Method, path, status for the client; name, route, `error.type` of the span.
type Row = (
    &'static str,
    &'static str,
    Option<u16>,
    &'static str,
    &'static str,
    &'static str,
);

const TABLE: [Row; 16] = [
    (
        "GET",
        "/users/7",
        Some(200),
        "GET /users/{id}",
        "/users/{id}",
        "",
    ),
    (
        "GET",
        "/users/8?token=s3cret",
        Some(200),
        "GET /users/{id}",
        "/users/{id}",
        "",
    ),
    (
        "HEAD",
        "/users/7",
        Some(200),
        "HEAD /users/{id}",
        "/users/{id}",
        "",
    ),
    (
        "GET",
        "/users/seven",
        Some(400),
        "GET /users/{id}",
        "/users/{id}",
        "",
    ),
    (
        "POST",
        "/users/7",
        Some(405),
        "POST /users/{id}",
        "/users/{id}",
        "",
    ),
    (
        "BREW",
        "/users/7",
        Some(405),
        "HTTP /users/{id}",
        "/users/{id}",
        "",
    ),
    (
        "get",
        "/users/7",
        Some(405),
        "HTTP /users/{id}",
        "/users/{id}",
        "",
    ),
    (
        "QUERY",
        "/users/7",
        Some(405),
        "QUERY /users/{id}",
        "/users/{id}",
        "",
    ),
    ("GET", "/nowhere", Some(404), "GET", "", ""),
    ("BREW", "/nowhere", Some(404), "HTTP", "", ""),
    (
        "GET",
        "/shop/users/7",
        Some(200),
        "GET /shop/users/{id}",
        "/shop/users/{id}",
        "",
    ),
    ("GET", "/shop/nowhere", Some(404), "GET", "", ""),
    ("GET", "/gone", Some(204), "GET /gone", "/gone", ""),
    ("GET", "/fail", Some(503), "GET /fail", "/fail", "503"),
    ("GET", "/panic", None, "GET /panic", "/panic", "panic"),
    (
        "OPTIONS",
        "/users/7",
        Some(405),
        "OPTIONS /users/{id}",
        "/users/{id}",
        "",
    ),
];

#[tokio::test]
async fn one_span_for_each_request() {
    for (method, path, status, name, route, error) in TABLE {
        let service = Service::start(router()).await;
        let port = service.address.rsplit_once(':').unwrap().1.to_owned();
        let sent = service.send(method, path).await;
        assert_eq!(sent.map(|s| s.as_u16()), status, "{method} {path}");
        let (spans, _) = service.finish().await;

        let [span] = &spans[..] else {
            panic!("{method} {path}: {spans:#?}")
        };
        assert_eq!(span.name, name, "{method} {path}");
        assert_eq!(span.kind, SpanKind::Server);
        assert_eq!(span.parent_span_id, None);
        let expected = if error.is_empty() {
            Status::Unset
        } else {
            Status::Error(String::new())
        };
        assert_eq!(span.status, expected, "{method} {path}");
        assert_eq!(attribute(span, "error.type"), error, "{method} {path}");
        assert_eq!(attribute(span, "http.route"), route, "{method} {path}");
        let code = status.map_or_else(String::new, |s| s.to_string());
        assert_eq!(attribute(span, "http.response.status_code"), code);
        let plain = path.split('?').next().unwrap();
        assert_eq!(attribute(span, "url.path"), plain);
        assert_eq!(attribute(span, "url.scheme"), "http");
        assert_eq!(attribute(span, "server.address"), "127.0.0.1");
        assert_eq!(attribute(span, "server.port"), port);
        assert_eq!(attribute(span, "network.protocol.version"), "1.1");
        let known = !["BREW", "get"].contains(&method);
        let (recorded, original) = if known {
            (method, "")
        } else {
            ("_OTHER", method)
        };
        assert_eq!(attribute(span, "http.request.method"), recorded);
        assert_eq!(attribute(span, "http.request.method_original"), original);
        let everything = format!("{span:?}");
        assert!(!everything.contains("s3cret"), "{everything}");
        assert!(!everything.contains("curious"), "{everything}");
    }
}

#[tokio::test]
async fn metrics_follow_the_conventions() {
    let service = Service::start(router()).await;
    for (method, path, ..) in TABLE {
        service.send(method, path).await;
    }
    let (_, metrics) = service.finish().await;
    let metric = |name| metrics.iter().find(|m| m.name == name).unwrap();

    let duration = metric("http.server.request.duration");
    assert_eq!(duration.unit, "s");
    assert_eq!(duration.instrument, Instrument::Histogram);
    let mut requests = 0;
    for point in &duration.points {
        let Number::Distribution { count, bounds, .. } = &point.value else {
            panic!("{point:?}")
        };
        requests += count;
        assert_eq!(bounds.len(), 14);
        assert!(!point.attributes.contains_key("url.path"));
        assert!(point.attributes.contains_key("http.request.method"));
        assert!(point.attributes.contains_key("url.scheme"));
        assert!(point.attributes.contains_key("network.protocol.version"));
    }
    assert_eq!(requests, TABLE.len() as u64);
    let panicked = duration.points.iter().find(|point| {
        let error = point.attributes.get("error.type");
        error.is_some_and(|error| error.to_string() == "panic")
    });
    let panicked = &panicked.unwrap().attributes;
    assert!(!panicked.contains_key("http.response.status_code"));

    let active = metric("http.server.active_requests");
    assert_eq!(active.unit, "{request}");
    assert_eq!(active.instrument, Instrument::UpDownCounter);
    assert!(active.points.iter().all(|p| p.value == Number::Int(0)));
    assert!(active.points.iter().all(|p| p.attributes.len() == 2));
}

#[tokio::test]
async fn panics_and_catch_panic() {
    let inside = router().layer(CatchPanicLayer::new());
    let service = Service::start(inside).await;
    assert_eq!(service.send("GET", "/panic").await.unwrap(), 500);
    let (spans, _) = service.finish().await;
    assert_eq!(attribute(&spans[0], "error.type"), "500");

    let receiver = receiver().await;
    let telemetry = start(&receiver, &[]);
    let outside = router()
        .layer(telemetry.http_server_layer())
        .layer(CatchPanicLayer::new());
    let address = serve(outside).await;
    let response = reqwest::get(format!("{address}/panic")).await.unwrap();
    assert_eq!(response.status(), 500);
    finish(&telemetry).await;
    let spans = receiver.spans();
    assert_eq!(attribute(&spans[0], "error.type"), "panic");
    assert_eq!(attribute(&spans[0], "http.response.status_code"), "");
}

#[tokio::test]
async fn the_host_header_may_be_anything() {
    let cases = [
        ("shop.example:8080", "shop.example", "8080"),
        ("shop.example", "shop.example", ""),
        ("[::1]:80", "::1", "80"),
        ("not a host", "", ""),
        ("", "", ""),
    ];
    for (host, address, port) in cases {
        let service = Service::start(router()).await;
        let request = service.client.get(format!("{}/gone", service.address));
        request.header("host", host).send().await.unwrap();
        let (spans, _) = service.finish().await;
        assert_eq!(attribute(&spans[0], "server.address"), address, "{host}");
        assert_eq!(attribute(&spans[0], "server.port"), port, "{host}");
    }
}
