//! Messages that `turnover` cannot read, and those it need not.

use async_nats::{HeaderMap, jetstream::message::PublishMessage};
use event_sourcing::broker::Broker;
use uuid::Uuid;

use crate::lab::{Lab, wait_until};

/// A message as somebody else might send it.
pub(crate) fn message(
    event_type: &str,
    schema_version: &str,
) -> PublishMessage {
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", Uuid::now_v7().to_string());
    headers.insert("Event-Type", event_type);
    headers.insert("Schema-Version", schema_version);
    headers.insert("Recorded-At", "2026-11-24T12:00:00Z");
    PublishMessage::build()
        .headers(headers)
        .payload(r#"{"amount":{"minor":500,"currency":"EUR"}}"#.into())
}

/// Sends it, past the relay.
pub(crate) async fn publish(lab: &Lab, message: PublishMessage) {
    let broker = Broker::new(&lab.nats.url()).unwrap();
    let (context, _) = broker.connect("test").await.unwrap();
    let sent = context.send_publish("bank.account.Any", message).await;
    sent.unwrap().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_read_waits_and_what_is_new_does_not_matter() {
    let lab = Lab::new().await;
    let stream = lab.stream().await;
    let turnover = lab.start_turnover("turnover-1", &[]).await;
    let publish = async |message| publish(&lab, message).await;
    // Of a later version of the bank: a type that did not exist, and a shape.
    publish(message("InterestPaid", "1")).await;
    publish(message("MoneyDeposited", "4")).await;
    publish(message("MoneyDeposited", "nonsense")).await;
    publish(message("MoneyDeposited", "3").payload("{}".into())).await;
    // They do not hold up the good ones, of today and of long ago.
    publish(message("MoneyDeposited", "3")).await;
    let cents = r#"{"cents":7}"#;
    publish(message("MoneyWithdrawn", "1").payload(cents.into())).await;

    // Three of six wait, and the others are done.
    wait_until("done", async || lab.pending(&stream).await == (0, 3)).await;
    let found = lab.turnovers().await;
    assert_eq!(
        (found.deposited, found.withdrawn, found.events),
        (500, 7, 2)
    );
    turnover.stop().await;
}
