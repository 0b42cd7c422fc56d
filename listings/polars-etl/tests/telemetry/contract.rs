//! What the program sends is what the registry says, no more and no less.

use otlp_console::contract::{self, Registry};

use crate::day;

// ANCHOR: contract
#[tokio::test]
async fn all_telemetry_keeps_the_contract() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    let received = day::everything().await;
    assert_eq!(registry.check(&received), []);
    assert_eq!(registry.unseen(&received), []);
}
// ANCHOR_END: contract

#[test]
fn the_tables_are_made_from_the_registry() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    contract::assert_current("telemetry/tables.md", &registry.markdown());
}
