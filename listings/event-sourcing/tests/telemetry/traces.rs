//! The traces that the book shows are the traces that arrive.

use otlp_console::{Golden, Trace, golden};
use serde_json::{Value, json};
use sqlx::Connection;
use uuid::Uuid;

use crate::bank::{Bank, DEADLINE, amount, collide, traces_of, until};

const DEPOSIT: &str = "POST /accounts/{account_id}/deposits";
const WITHDRAWAL: &str = "POST /accounts/{account_id}/withdrawals";
const TRANSFER: &str = "POST /accounts/{account_id}/transfers";

// ANCHOR: matches
/// Compares a trace with its file. Left out are ids, places in the feed, and
/// what the span's name says already.
fn assert_matches(file: &str, trace: &Trace) {
    let golden = [
        "es.checkpoint.after",
        "es.checkpoint.before",
        "es.command.id",
        "es.command.type",
        "es.events.count",
        "es.projection.name",
        "es.projection.revision",
        "es.stream.type",
        "es.stream.version.before",
    ]
    .into_iter()
    .fold(Golden::default(), Golden::hide)
    .show("messaging.batch.message_count")
    .show("messaging.consumer.group.name");
    golden::assert_matches(format!("traces/{file}.txt"), &golden.render(trace));
}
// ANCHOR_END: matches

#[tokio::test]
async fn a_deposit() {
    let bank = Bank::start(&[]).await;
    let account = bank.open().await;
    bank.deposit(&account).await;
    let receiver = bank.stop().await;
    let [deposit] = &traces_of(&receiver, DEPOSIT)[..] else {
        panic!("not one deposit");
    };
    assert_matches("deposit", deposit);
}

#[tokio::test]
async fn a_deposit_that_meets_another() {
    let bank = Bank::start(&[]).await;
    let account = bank.open().await;
    collide(&bank, &account).await;
    let receiver = bank.stop().await;
    let deposits = traces_of(&receiver, DEPOSIT);
    assert_eq!(deposits.len(), 2);
    // The one that lost has more spans.
    let slower = deposits.iter().max_by_key(|trace| trace.spans.len());
    assert_matches("deposit-conflict", slower.unwrap());
}

#[tokio::test]
async fn a_request_that_is_repeated() {
    let bank = Bank::start(&[]).await;
    let account = bank.open().await;
    let key = Uuid::now_v7();
    let mut answers = Vec::new();
    for _ in 0..2 {
        let path = format!("{account}/deposits");
        let answer = bank.post_as(key, &path, &amount(500)).await;
        assert_eq!(answer.status(), 201);
        answers.push(answer.text().await.unwrap());
    }
    assert_eq!(answers[0], answers[1]);
    let receiver = bank.stop().await;
    let deposits = traces_of(&receiver, DEPOSIT);
    assert_eq!(deposits.len(), 2);
    assert_matches("replayed-key", &deposits[1]);
}

#[tokio::test]
async fn a_withdrawal_without_the_money() {
    let bank = Bank::start(&[]).await;
    let account = bank.open().await;
    let path = format!("{account}/withdrawals");
    assert_eq!(bank.post(&path, &amount(1)).await.status(), 422);
    let receiver = bank.stop().await;
    assert_matches("insufficient-funds", &traces_of(&receiver, WITHDRAWAL)[0]);
}

#[tokio::test]
async fn a_transfer() {
    let bank = Bank::start(&[]).await;
    let (from, to) = (bank.open().await, bank.open().await);
    bank.deposit(&from).await;
    let body = transfer(&to, "immediate");
    let answer = bank.post(&format!("{from}/transfers"), &body).await;
    assert_eq!(answer.status(), 201);
    let receiver = bank.stop().await;
    assert_matches("transfer", &traces_of(&receiver, TRANSFER)[0]);
}

// ANCHOR: eventual
#[tokio::test]
async fn a_transfer_that_arrives_later() {
    let bank = Bank::start(&[]).await;
    let (from, to) = (bank.open().await, bank.open().await);
    bank.deposit(&from).await;
    let mut owner = bank.connect().await;
    // What came before is another page.
    until(
        &mut owner,
        "SELECT processed = 3 FROM projections WHERE name = 'transfers'",
    )
    .await;
    let body = transfer(&to, "eventual");
    let answer = bank.post(&format!("{from}/transfers"), &body).await;
    assert_eq!(answer.status(), 201);
    let settled = bank.read(&from, 4).await;
    assert_eq!(settled.status(), 200);
    let receiver = bank.stop().await;
    let sent = &traces_of(&receiver, TRANSFER)[0];
    let processed = traces_of(&receiver, "process account");
    let delivery = processed
        .iter()
        .find(|trace| {
            let mut spans = trace.spans.iter();
            spans.any(|span| span.name == "handle receive_transfer")
        })
        .unwrap();
    // It is another trace, and links to the span that wrote the event.
    let links = &delivery.root().unwrap().links;
    assert!(links.iter().any(|link| link.trace_id == sent.trace_id));
    assert_matches("transfer-eventual", delivery);
}
// ANCHOR_END: eventual

fn transfer(to: &str, settlement: &str) -> Value {
    let mut body = amount(300);
    let id = to.rsplit('/').next();
    body["to"] = json!(id);
    body["settlement"] = json!(settlement);
    body
}

#[tokio::test]
async fn a_load_that_begins_with_a_snapshot() {
    let bank = Bank::start(&[("SNAPSHOT_EVERY", "3")]).await;
    let account = bank.open().await;
    let mut owner = bank.connect().await;
    for _ in 0..2 {
        bank.deposit(&account).await;
    }
    until(&mut owner, "SELECT count(*) = 1 FROM snapshots").await;
    bank.deposit(&account).await;
    bank.deposit(&account).await;
    let receiver = bank.stop().await;
    let deposits = traces_of(&receiver, DEPOSIT);
    assert_matches("write-snapshot", &deposits[1]);
    assert_matches("load-with-snapshot", &deposits[3]);
}

// ANCHOR: batch
#[tokio::test]
async fn a_page_of_the_feed() {
    let bank = Bank::start(&[]).await;
    // An open transaction holds the fence back, so three events become one
    // page, and not three.
    let mut owner = bank.connect().await;
    let mut fence = owner.begin().await.unwrap();
    sqlx::query("SELECT pg_current_xact_id()")
        .execute(&mut *fence)
        .await
        .unwrap();
    let account = bank.open().await;
    bank.deposit(&account).await;
    bank.deposit(&account).await;
    fence.rollback().await.unwrap();
    let read = bank.read(&account, 3).await;
    assert_eq!(read.status(), 200);
    let receiver = bank.stop().await;
    let batch = of_group(traces_of(&receiver, "process account"), "balances");
    let [batch] = &batch[..] else {
        panic!("{} pages", batch.len());
    };
    let root = batch.root().unwrap();
    let sends: Vec<_> = receiver
        .spans()
        .into_iter()
        .filter(|span| span.name == "send account")
        .map(|span| (span.trace_id, span.span_id))
        .collect();
    let links: Vec<_> = root
        .links
        .iter()
        .map(|link| (link.trace_id, link.span_id))
        .collect();
    assert_eq!(links.len(), 3);
    assert!(links.iter().all(|link| sends.contains(link)));
    assert_matches("projection-batch", batch);
}
// ANCHOR_END: batch

fn of_group(mut traces: Vec<Trace>, group: &str) -> Vec<Trace> {
    traces.retain(|trace| {
        let root = trace.root().unwrap();
        let name = root.attributes.get("messaging.consumer.group.name");
        name.is_some_and(|name| name.to_string() == group)
    });
    traces
}

#[tokio::test]
async fn a_rebuild() {
    let bank = Bank::start(&[]).await;
    let account = bank.open().await;
    bank.deposit(&account).await;
    let read = bank.read(&account, 2).await;
    assert_eq!(read.status(), 200);
    let asked = bank
        .request(
            reqwest::Method::POST,
            "/admin/projections/balances/rebuilds",
        )
        .send()
        .await
        .unwrap();
    assert_eq!(asked.status(), 202);
    let mut owner = bank.connect().await;
    until(
        &mut owner,
        "SELECT count(*) = 1 FROM projections
         WHERE revision = 2 AND status = 'live'",
    )
    .await;
    until(
        &mut owner,
        "SELECT count(*) = 0 FROM account_balances WHERE revision = 1",
    )
    .await;
    let receiver = bank.stop().await;
    receiver.wait_for_trace(1, DEADLINE).await.unwrap();
    assert_matches("rebuild", &traces_of(&receiver, "rebuild balances")[0]);
}
