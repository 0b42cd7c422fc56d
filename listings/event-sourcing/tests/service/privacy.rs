//! What is personal stays with the account, and goes when its owner says so.

use otlp_console::{Limits, Receiver};
use serde_json::json;
use uuid::Uuid;

use crate::{
    api::{deposits, euros, id_of},
    process::{DEADLINE, Service, new_database},
};

const NAME: &str = "Wilhelmina Quackenbush";

#[tokio::test]
async fn an_erased_name_is_in_no_answer() {
    let service = Service::new().await;
    let api = &service.api;
    let subject = Uuid::now_v7();
    let body = json!({
        "holder": NAME, "currency": "EUR", "subject_id": subject,
    });
    let key = Uuid::now_v7();
    let opened = api.post_again("/accounts", &body, key).send().await;
    let id = id_of(&opened);
    assert_eq!(api.read(id, 1).await.json()["holder"], NAME);

    let path = format!("/subjects/{subject}/key");
    for _ in 0..2 {
        let erased = api.ask("DELETE", &path).send().await;
        assert_eq!((erased.status, erased.body.as_str()), (204, ""));
    }
    let account = api.read(id, 1).await;
    assert_eq!(account.json()["holder"], json!(null));
    // The answer to a repeated request is still the same.
    let again = api.post_again("/accounts", &body, key).send().await;
    assert_eq!(opened.essence(), again.essence());
    // To open another account is another matter.
    let other = api.post("/accounts", &body).send().await;
    assert_eq!(other.problem().as_deref(), Some("subject-erased"));
    let mut answers = vec![account, again, other];
    let rebuild = api.ask("POST", "/admin/projections/balances/rebuilds");
    answers.push(rebuild.send().await);
    for path in [
        format!("/accounts/{id}/history?as_of_version=1"),
        format!("/accounts/{id}/events"),
        format!("/accounts/{id}/audit"),
        "/feed".to_owned(),
        "/admin/projections".to_owned(),
        "/health".to_owned(),
    ] {
        answers.push(api.get(&path).await);
    }
    for answer in answers {
        assert!(answer.status < 500, "{answer:?}");
        assert!(!format!("{answer:?}").contains("Quackenbush"), "{answer:?}");
    }
    // The chain is over what was sealed, so it holds.
    assert_eq!(api.state(id).await, (1, 0));
}

#[tokio::test]
async fn nothing_that_a_client_says_is_in_its_telemetry() {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let database = new_database().await;
    let otlp = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())];
    let service = Service::on(&database, &otlp).await;
    let api = &service.api;
    let body = json!({ "holder": NAME, "currency": "XQZ" });
    let key = Uuid::now_v7();
    let opened = api.post_again("/accounts", &body, key).send().await;
    let id = id_of(&opened);
    let amount =
        |minor: i64| json!({ "amount": { "minor": minor, "currency": "XQZ" } });
    let withdraw = format!("/accounts/{id}/withdrawals");
    let asks = [
        api.post(&deposits(id), &amount(918_273_645)),
        api.post(&withdraw, &amount(1_918_273_645)),
        api.post(&deposits(id), &euros(918_273_645)),
        api.post("/accounts", &json!({ "Quackenbush": 1 })),
        api.post("/accounts", &json!({ "holder": "\u{7}Quackenbush" })),
        api.ask("GET", "/feed?cursor=Quackenbush"),
        api.ask("POST", &deposits(id))
            .header("Idempotency-Key", "Quackenbush"),
        api.ask("POST", &deposits(id))
            .key(Uuid::now_v7())
            .header("If-Match", "Quackenbush"),
    ];
    let requests = asks.len() + 2;
    for ask in asks {
        ask.send().await;
    }
    api.read(id, 2).await;
    assert!(service.stop().await.status.success());
    receiver.wait_for_spans(requests, DEADLINE).await.unwrap();
    let spans = format!("{:?}", receiver.spans());
    let rest = format!("{:?} {:?}", receiver.logs(), receiver.metrics());
    assert!(spans.contains("/accounts/{account_id}/deposits"));
    assert!(rest.contains("es.command.duration"));
    let key = key.to_string();
    for text in ["Quackenbush", "918273645", "XQZ", &key] {
        assert!(!spans.contains(text), "{text} in {spans}");
        assert!(!rest.contains(text), "{text} in {rest}");
    }
}
