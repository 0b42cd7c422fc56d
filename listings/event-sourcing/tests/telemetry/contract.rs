//! What the bank sends is what the registry says, no more and no less.

use otlp_console::contract::{self, Registry, Telemetry};
use reqwest::Method;
use serde_json::json;

use crate::bank::{Bank, amount, collide, until};

// ANCHOR: contract
#[tokio::test]
async fn all_telemetry_keeps_the_contract() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    for protocol in ["http/protobuf", "grpc"] {
        let received = a_day(protocol).await;
        for v in registry.check(&received) {
            println!("V: {v}");
        }
        for v in registry.unseen(&received) {
            println!("U: {v:?}");
        }
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

/// Every kind of request and of trouble, and all that arrived of them.
async fn a_day(protocol: &str) -> Telemetry {
    let bank = Bank::start(&[
        ("PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("SNAPSHOT_EVERY", "3"),
        ("DATABASE_CONNECTIONS", "8"),
    ])
    .await;
    let account = business(&bank).await;
    questions(&bank, &account).await;
    collide(&bank, &account).await;
    rest(&bank).await;
    Telemetry::from(&bank.stop().await)
}

async fn business(bank: &Bank) -> String {
    let (account, other) = (bank.open().await, bank.open().await);
    for _ in 0..4 {
        bank.deposit(&account).await;
    }
    bank.post(&format!("{account}/withdrawals"), &amount(100))
        .await;
    bank.post(&format!("{account}/withdrawals"), &amount(999_999))
        .await;
    let id = other.rsplit('/').next().unwrap();
    for settlement in ["immediate", "eventual"] {
        let mut body = amount(100);
        body["to"] = json!(id);
        body["settlement"] = json!(settlement);
        bank.post(&format!("{account}/transfers"), &body).await;
    }
    // Nobody has this account, so the money comes back.
    let mut body = amount(100);
    body["to"] = json!(uuid::Uuid::now_v7());
    body["settlement"] = json!("eventual");
    bank.post(&format!("{account}/transfers"), &body).await;
    let read = bank.get(&format!("{account}?min_version=11")).await;
    assert_eq!(read.status(), 200);
    close(bank).await;
    account
}

async fn close(bank: &Bank) {
    let empty = bank.open().await;
    let request = bank
        .request(Method::POST, &format!("{empty}/closure"))
        .header("idempotency-key", uuid::Uuid::now_v7().to_string())
        .header("if-match", "\"1\"");
    assert_eq!(request.send().await.unwrap().status(), 200);
}

async fn questions(bank: &Bank, account: &str) {
    for path in [
        format!("{account}/history?as_of_version=3"),
        format!("{account}/events"),
        format!("{account}/audit"),
        "/feed".to_owned(),
        "/admin/projections".to_owned(),
        "/openapi.json".to_owned(),
        "/health".to_owned(),
        "/health/live".to_owned(),
        "/health/ready".to_owned(),
    ] {
        let status = bank.get(&path).await.status();
        assert_eq!(status, 200, "{path}");
    }
    assert_eq!(bank.get("/nothing").await.status(), 404);
}

/// What operators do.
async fn rest(bank: &Bank) {
    let mut owner = bank.connect().await;
    let asked = bank
        .request(Method::POST, "/admin/projections/balances/rebuilds")
        .send()
        .await
        .unwrap();
    assert_eq!(asked.status(), 202);
    until(
        &mut owner,
        "SELECT count(*) = 1 FROM projections
         WHERE revision = 2 AND status = 'live'",
    )
    .await;
    let receipt = bank.open_for("Grace").await;
    let subject = receipt["subject_id"].as_str().unwrap();
    let erase = format!("/subjects/{subject}/key");
    let erased = bank.request(Method::DELETE, &erase).send().await.unwrap();
    assert_eq!(erased.status(), 204);
}
