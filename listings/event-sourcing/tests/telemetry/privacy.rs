//! Nothing personal is in what was sent.

use serde_json::json;
use uuid::Uuid;

use crate::bank::{Bank, amount};

/// Looks for them in everything that arrived: spans, logs and metrics.
#[tokio::test]
async fn no_name_no_amount_and_no_key_is_in_any_signal() {
    let bank = Bank::start(&[("RUST_LOG", "debug")]).await;
    let name = "Zebediah Quillfeather";
    let receipt = bank.open_for(name).await;
    let account = receipt["account_id"].as_str().unwrap().to_owned();
    let (key, minor) = (Uuid::now_v7(), 7_654_321_987);
    let path = format!("/accounts/{account}/deposits");
    assert_eq!(bank.post_as(key, &path, &amount(minor)).await.status(), 201);
    assert_eq!(bank.post_as(key, &path, &amount(minor)).await.status(), 201);
    let mut body = amount(minor + 1);
    body["secret"] = json!(name);
    assert_eq!(bank.post(&path, &body).await.status(), 400);
    let read = bank.read(&format!("/accounts/{account}"), 2).await;
    let read = read.text().await.unwrap();
    assert!(read.contains(name), "{read}");

    let receiver = bank.stop().await;
    let sent = format!(
        "{:?}\n{:?}\n{:?}",
        receiver.spans(),
        receiver.logs(),
        receiver.metrics(),
    );
    assert!(sent.contains("handle deposit_money"), "nothing arrived");
    let key = key.to_string();
    let minor = minor.to_string();
    for secret in [name, "Quillfeather", &key, &minor] {
        assert!(!sent.contains(secret), "{secret} was sent");
    }
}
