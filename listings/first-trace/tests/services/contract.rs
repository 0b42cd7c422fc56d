//! What the services send is what the registry says, no more and no less.

use crate::process::{DEADLINE, Service};
use otlp_console::{
    Limits, Receiver,
    contract::{self, Registry, Telemetry},
};

// ANCHOR: contract
#[tokio::test]
async fn all_telemetry_keeps_the_contract() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    for protocol in ["http/protobuf", "grpc"] {
        let received = everything(protocol).await;
        assert_eq!(registry.check(&received), [], "over {protocol}");
        assert_eq!(registry.unseen(&received), [], "over {protocol}");
    }
}
// ANCHOR_END: contract

#[test]
fn the_tables_are_made_from_the_registry() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    contract::assert_current("telemetry/tables.md", &registry.markdown());
}

/// Every kind of request, and all that arrived of them.
async fn everything(protocol: &str) -> Telemetry {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = match protocol {
        "grpc" => receiver.grpc_endpoint(),
        _ => receiver.http_endpoint(),
    };
    let otlp = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
    ];
    let stock = Service::stock(&otlp).await;
    let shop = Service::shop(&stock.url, &otlp).await;
    for path in ["/orders/1", "/orders/3", "/orders/9", "/orders/x", "/other"] {
        reqwest::get(format!("{}{path}", shop.url)).await.unwrap();
    }
    stock.stop().await;
    // Without stock, the client span has no status code.
    reqwest::get(format!("{}/orders/1", shop.url))
        .await
        .unwrap();
    shop.stop().await;
    receiver.wait_for_spans(14, DEADLINE).await.unwrap();
    Telemetry::from(&receiver)
}
