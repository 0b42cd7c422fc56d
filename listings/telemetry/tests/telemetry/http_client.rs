//! One client span for each request, joined by the other side's.

use std::time::Duration;

use axum::{Router, http::HeaderMap, routing::get};
use opentelemetry::{
    Context, KeyValue, baggage::BaggageExt, context::FutureExt,
};
use otlp_console::{
    Receiver,
    model::{Number, SpanKind, Status},
};
use telemetry::{HttpClient, Telemetry};
use tracing::Instrument;

use crate::support::{
    PATIENCE, attribute, closed_port, finish, receiver, span, start,
};

/// A server that answers with the headers it received.
async fn server(telemetry: &Telemetry) -> String {
    let router = Router::new()
        .route(
            "/users/{id}",
            get(async |headers: HeaderMap| format!("{headers:?}")),
        )
        .route("/fail", get(async || http::StatusCode::BAD_GATEWAY))
        .route("/waits", get(std::future::pending::<()>))
        .layer(telemetry.http_server_layer());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn set_up(
    timeout: Duration,
) -> (Receiver, Telemetry, HttpClient, String) {
    let receiver = receiver().await;
    let telemetry = start(&receiver, &[]);
    let client = reqwest::Client::builder().timeout(timeout).build().unwrap();
    let client = telemetry.http_client(client);
    let address = server(&telemetry).await;
    (receiver, telemetry, client, address)
}

#[tokio::test]
async fn the_two_sides_are_one_trace() {
    let (receiver, telemetry, client, address) = set_up(PATIENCE).await;
    let _default = tracing::subscriber::set_default(telemetry.subscriber());
    let url = format!("{address}/users/7?token=s3cret#part")
        .replace("//", "//me:s3cret@");
    let request = client
        .client()
        .get(url)
        .header("traceparent", "00-stale")
        .header("tracestate", "stale=1")
        .build()
        .unwrap();
    let baggage = Context::new().with_baggage([KeyValue::new("tenant", "7")]);
    // The span takes the context over that is current when it is made.
    let send = async {
        let sending = client.execute(request, "/users/{id}");
        sending
            .instrument(tracing::info_span!("work"))
            .await
            .unwrap()
    };
    let response = send.with_context(baggage).await;
    let received = response.text().await.unwrap();
    assert!(received.contains("\"baggage\": \"tenant=7\""), "{received}");
    assert!(!received.contains("stale"), "{received}");

    finish(&telemetry).await;
    let spans = receiver.spans();
    let client = spans.iter().find(|s| s.kind == SpanKind::Client).unwrap();
    let server = spans.iter().find(|s| s.kind == SpanKind::Server).unwrap();
    assert_eq!(client.parent_span_id, Some(span(&spans, "work").span_id));
    assert_eq!(server.parent_span_id, Some(client.span_id));
    assert_eq!(server.trace_id, client.trace_id);

    let port = address.rsplit_once(':').unwrap().1;
    assert_eq!(client.name, "GET /users/{id}");
    assert_eq!(client.status, Status::Unset);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("http.response.status_code", "200"),
        ("network.protocol.version", "1.1"),
        ("server.address", "127.0.0.1"),
        ("server.port", port),
        ("url.full", &format!("{address}/users/7")),
        ("url.scheme", "http"),
        ("url.template", "/users/{id}"),
    ] {
        assert_eq!(attribute(client, name), value, "{name}");
    }
    assert_eq!(client.attributes.len(), 8, "{:?}", client.attributes);
}

#[tokio::test]
async fn failures_have_a_name() {
    let nobody = closed_port();
    for (path, template, error, status) in [
        ("/nowhere", "/nowhere", "404", "404"),
        ("/fail", "/fail", "502", "502"),
        ("/waits", "/waits", "timeout", ""),
        ("closed", "/closed", "connect", ""),
    ] {
        let timeout = match error {
            "timeout" => Duration::from_millis(100),
            _ => PATIENCE,
        };
        let (receiver, telemetry, client, address) = set_up(timeout).await;
        let url = match path {
            "closed" => format!("{nobody}/closed"),
            _ => format!("{address}{path}"),
        };
        let request = client.client().get(url).build().unwrap();
        let response = client.execute(request, template).await;
        assert_eq!(response.is_ok(), !status.is_empty(), "{path}");

        finish(&telemetry).await;
        let spans = receiver.spans();
        let span = spans.iter().find(|s| s.kind == SpanKind::Client).unwrap();
        assert_eq!(span.status, Status::Error(String::new()), "{path}");
        assert_eq!(attribute(span, "error.type"), error, "{path}");
        let code = attribute(span, "http.response.status_code");
        assert_eq!(code, status, "{path}");

        let metrics = receiver.metrics();
        let name = "http.client.request.duration";
        let metric = metrics.iter().find(|m| m.name == name).unwrap();
        assert_eq!(metric.unit, "s");
        let point = &metric.points[0];
        assert_eq!(point.attributes["error.type"].to_string(), error);
        assert!(!point.attributes.contains_key("url.full"));
        assert!(matches!(point.value, Number::Distribution { count: 1, .. }));
    }
}

#[tokio::test]
async fn a_request_that_is_given_up_ends_its_span() {
    let (receiver, telemetry, client, _) = set_up(PATIENCE).await;
    // Nobody accepts, so nothing but the call itself can end late.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/waits", silent.local_addr().unwrap());
    let request = client.client().get(url).build().unwrap();
    let sending = client.execute(request, "/waits");
    let limit = Duration::from_millis(50);
    tokio::time::timeout(limit, sending).await.unwrap_err();

    finish(&telemetry).await;
    let spans = receiver.spans();
    let span = spans.iter().find(|s| s.kind == SpanKind::Client).unwrap();
    assert_eq!(attribute(span, "error.type"), "cancelled");
    assert_eq!(span.status, Status::Unset);
}

#[tokio::test]
async fn a_request_that_is_sent_again_says_so() {
    let (receiver, telemetry, client, address) = set_up(PATIENCE).await;
    for count in [0, 2] {
        let url = format!("{address}/users/7");
        let request = client.client().get(url).build().unwrap();
        client.resend(request, "/users/{id}", count).await.unwrap();
    }
    finish(&telemetry).await;
    let counts: Vec<_> = receiver
        .spans()
        .iter()
        .filter(|span| span.kind == SpanKind::Client)
        .map(|span| span.attributes.get("http.request.resend_count").cloned())
        .map(|count| count.map(|count| count.to_string()))
        .collect();
    assert_eq!(counts, [None, Some("2".to_owned())]);
}
