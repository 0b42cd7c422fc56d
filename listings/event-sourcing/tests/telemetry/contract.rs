//! What the bank sends is what the registry says, no more and no less.

use otlp_console::contract::{self, Registry, Telemetry};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::bank::{Bank, GRPC, amount, collide, until};

// ANCHOR: contract
#[tokio::test]
async fn all_telemetry_keeps_the_contract() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    let mut received = a_day(("OTEL_SERVICE_NAME", "event-sourcing")).await;
    let over_grpc = a_day(GRPC).await;
    for received in [&received, &over_grpc] {
        assert_eq!(registry.check(received), []);
    }
    received.spans.extend(over_grpc.spans);
    received.logs.extend(over_grpc.logs);
    received.metrics.extend(over_grpc.metrics);
    assert_eq!(registry.unseen(&received), []);
}
// ANCHOR_END: contract

#[test]
fn the_tables_are_made_from_the_registry() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    contract::assert_current("telemetry/tables.md", &registry.markdown());
}

/// Every kind of request and of trouble, and all that arrived of them.
async fn a_day(setting: (&str, &str)) -> Telemetry {
    let bank = Bank::start(&[
        setting,
        ("SNAPSHOT_EVERY", "3"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
        // What a library logs is the library's contract.
        ("RUST_LOG", "info,opentelemetry=warn,sqlx=off"),
    ])
    .await;
    let account = business(&bank).await;
    questions(&bank, &account).await;
    collide(&bank, &account).await;
    operations(&bank).await;
    // The gauges show what a look every few seconds has found.
    for gauge in [
        "es.feed.missing",
        "es.projection.lag.events",
        "es.transfer.held",
    ] {
        bank.sends(gauge).await;
    }
    contended_transfer(&bank, &account).await;
    trouble(&bank, &account).await;
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
    body["to"] = json!(Uuid::now_v7());
    body["settlement"] = json!("eventual");
    bank.post(&format!("{account}/transfers"), &body).await;
    let read = bank.read(&account, 11).await;
    assert_eq!(read.status(), 200);
    close(bank).await;
    account
}

/// Sends money to `to`, which arrives later.
async fn send(bank: &Bank, from: &str, to: &str) {
    let mut body = amount(1);
    body["to"] = json!(to.rsplit('/').next());
    body["settlement"] = json!("eventual");
    let sent = bank.post(&format!("{from}/transfers"), &body).await;
    assert_eq!(sent.status(), 201);
}

/// A transfer to an account on which others are always faster, for a while.
async fn contended_transfer(bank: &Bank, from: &str) {
    let to = bank.open().await;
    let mut owner = bank.connect().await;
    let id = to.rsplit('/').next().unwrap();
    let jinx = format!(
        "CREATE FUNCTION jinx() RETURNS trigger LANGUAGE plpgsql
             AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER jinx BEFORE UPDATE ON streams FOR EACH ROW
             WHEN (OLD.stream_id = '{id}') EXECUTE FUNCTION jinx()"
    );
    let jinx = sqlx::raw_sql(AssertSqlSafe(jinx));
    jinx.execute(&mut owner).await.unwrap();
    send(bank, from, &to).await;
    let held = "SELECT count(*) = 1 FROM held_transfers
         WHERE state = 'waiting'";
    until(&mut owner, held).await;
    damage(&mut owner, "DROP FUNCTION jinx CASCADE").await;
    until(&mut owner, "SELECT count(*) = 0 FROM held_transfers").await;
}

/// A transfer to an account that cannot be read is parked, and again when it
/// is released.
async fn parked_transfer(bank: &Bank, owner: &mut PgConnection, to: &str) {
    let from = bank.open().await;
    bank.deposit(&from).await;
    send(bank, &from, to).await;
    let parked = "SELECT count(*) = 1 FROM held_transfers
         WHERE state = 'parked'";
    until(owner, parked).await;
    let list = bank.get("/admin/transfers").await;
    assert_eq!(list.status(), 200);
    let list: Value =
        serde_json::from_str(&list.text().await.unwrap()).unwrap();
    let event = list["transfers"][0]["event_id"].as_str().unwrap();
    let path = format!("/admin/transfers/{event}/release");
    let released = bank.request(Method::POST, &path).send().await.unwrap();
    assert_eq!(released.status(), 202);
    bank.says("transfer.parked").await;
}

async fn close(bank: &Bank) {
    let empty = bank.open().await;
    let request = bank
        .request(Method::POST, &format!("{empty}/closure"))
        .header("idempotency-key", Uuid::now_v7().to_string())
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
async fn operations(bank: &Bank) {
    let mut owner = bank.connect().await;
    assert_eq!(rebuild(bank).await, 202);
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

async fn rebuild(bank: &Bank) -> reqwest::StatusCode {
    let path = "/admin/projections/balances/rebuilds";
    let request = bank.request(Method::POST, path);
    request.send().await.unwrap().status()
}

/// What goes wrong, and is said.
async fn trouble(bank: &Bank, account: &str) {
    let deposits = format!("{account}/deposits");
    let key = Uuid::now_v7();
    for _ in 0..2 {
        bank.post_as(key, &deposits, &amount(1)).await;
    }
    let old = bank
        .request(Method::POST, &deposits)
        .header("idempotency-key", Uuid::now_v7().to_string())
        .header("if-match", "\"1\"")
        .header("content-type", "application/json")
        .body(amount(1).to_string());
    assert_eq!(old.send().await.unwrap().status(), 412);

    let mut owner = bank.connect().await;
    damage(&mut owner, "UPDATE snapshots SET state = '?'").await;
    damage(
        &mut owner,
        "ALTER TABLE snapshots ADD CHECK (false) NOT VALID",
    )
    .await;
    for _ in 0..3 {
        bank.deposit(account).await;
    }
    poison(bank, &mut owner).await;
    breakage(bank, &mut owner, account).await;
}

/// An event that nobody can read, at the end of an account of its own.
async fn poison(bank: &Bank, owner: &mut PgConnection) {
    let account = bank.open().await;
    let read = bank.read(&account, 1).await;
    assert_eq!(read.status(), 200);
    until(
        owner,
        "SELECT processed = (SELECT count(*) FROM events)
         FROM projections WHERE name = 'transfers'",
    )
    .await;
    damage(owner, "ALTER TABLE events DISABLE TRIGGER events_only_grow").await;
    damage(
        owner,
        "UPDATE events SET event_type = 'Nonsense'
         WHERE (tx_id, position) =
             (SELECT tx_id, position FROM events
              ORDER BY tx_id DESC, position DESC LIMIT 1)",
    )
    .await;
    let deposits = format!("{account}/deposits");
    assert_eq!(bank.post(&deposits, &amount(1)).await.status(), 500);
    let audit = bank.get(&format!("{account}/audit")).await;
    assert!(audit.text().await.unwrap().contains("\"verified\":false"));
    parked_transfer(bank, owner, &account).await;
    // The live revision has passed it; the next one will not.
    assert_eq!(rebuild(bank).await, 202);
    bank.sends("es.projection.failed").await;
}

/// A table that is gone, and connections that break.
async fn breakage(bank: &Bank, owner: &mut PgConnection, account: &str) {
    damage(owner, "ALTER TABLE account_balances RENAME TO elsewhere").await;
    assert_eq!(bank.get(account).await.status(), 500);
    bank.deposit(account).await;
    bank.says("projection.retry").await;
    bank.cut_off();
    bank.says("wakeup.failed").await;
}

async fn damage(owner: &mut PgConnection, sql: &'static str) {
    sqlx::query(sql).execute(owner).await.unwrap();
}
