//! What the services send is what the registry says, no more and no less.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod services;

use otlp_console::{Limits, Receiver, contract, contract::Registry};
use services::{DEADLINE, Service};

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
