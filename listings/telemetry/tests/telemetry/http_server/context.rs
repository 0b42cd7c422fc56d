//! Whose child the span is, and whose parent.

use axum::{Router, routing::get};
use opentelemetry::trace::{Span as _, Tracer};

use super::{Service, router};
use crate::support::{current, finish, log, receiver, span, start};

#[tokio::test]
async fn the_handler_works_in_the_context_of_its_span() {
    let receiver = receiver().await;
    let telemetry = start(&receiver, &[]);
    let tracer = telemetry.tracer("test");
    let handler = async move || {
        tokio::task::yield_now().await;
        tracing::info!("handling");
        tracing::info_span!("by tracing").in_scope(|| {
            tracer.start("by api").end();
        });
        current().0
    };
    let router = Router::new().route("/", get(handler));
    let service = Service::start_with(receiver, telemetry, router).await;

    let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = service.client.get(&service.address);
    let response = request
        .header("traceparent", caller)
        .header("tracestate", "congo=1")
        .header("tracestate", "rojo=2")
        .send()
        .await
        .unwrap();
    let trace_id = response.text().await.unwrap();
    assert_eq!(trace_id, "0af7651916cd43dd8448eb211c80319c");

    finish(&service.telemetry).await;
    let (spans, logs) = (service.receiver.spans(), service.receiver.logs());
    let [server, bridged, by_api] =
        ["GET /", "by tracing", "by api"].map(|name| span(&spans, name));
    assert_eq!(server.trace_id.to_string(), trace_id);
    assert_eq!(
        server.parent_span_id.unwrap().to_string(),
        "b7ad6b7169203331"
    );
    assert_eq!(server.trace_state, "congo=1,rojo=2");
    assert_eq!(bridged.parent_span_id, Some(server.span_id));
    assert_eq!(by_api.parent_span_id, Some(bridged.span_id));
    assert_eq!(log(&logs, "handling").span_id, Some(server.span_id));
}

#[tokio::test]
async fn a_hostile_traceparent_starts_a_new_trace() {
    let service = Service::start(router()).await;
    let hostile = [
        vec!["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"; 2],
        vec!["00-00000000000000000000000000000000-b7ad6b7169203331-01"],
        vec!["00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01"],
        vec!["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01;x"],
    ];
    for values in &hostile {
        let url = format!("{}/gone", service.address);
        let mut request = service.client.get(url);
        for value in values {
            request = request.header("traceparent", *value);
        }
        request.send().await.unwrap();
    }
    let long = "0".repeat(10_000);
    let request = service.client.get(format!("{}/gone", service.address));
    request.header("traceparent", long).send().await.unwrap();

    let (spans, _) = service.finish().await;
    assert_eq!(spans.len(), hostile.len() + 1);
    assert!(spans.iter().all(|span| span.parent_span_id.is_none()));
}
