//! What arrives at JetStream, and how often.

use std::{collections::HashSet, time::Duration};

use async_nats::jetstream::{context::ContextBuilder, stream};
use event_sourcing::{
    broker::{DESTINATION, STREAM},
    projections::Subscriber,
};

use crate::lab::{Lab, wait_until};

#[tokio::test]
async fn everything_arrives_once_and_says_what_it_is() {
    let lab = Lab::new().await;
    let bank = lab.open_with_relay().await;
    let running = bank.services.follow();
    bank.move_much(6).await;
    wait_until("sent", async || bank.relay_lag().await == Some(0)).await;
    running.stop().await;

    let log = bank.log().await;
    let stream = lab.stream().await;
    let messages = stream.get_info().await.unwrap().state.messages;
    assert_eq!(messages, log.len() as u64);
    let mut ids = HashSet::new();
    for (number, event) in (1..).zip(&log) {
        let message = stream.get_raw_message(number).await.unwrap();
        let header = |name: &str| message.headers.get(name).unwrap().as_str();
        assert!(ids.insert(header("Nats-Msg-Id").to_owned()));
        // Nothing has failed, so the order is that of the feed.
        assert_eq!(header("Nats-Msg-Id"), event.event_id.to_string());
        assert_eq!(header("Event-Type"), event.event_type);
        assert_eq!(header("Schema-Version"), event.schema_version.to_string());
        assert_eq!(header("Stream-Id"), event.stream_id.to_string());
        assert_eq!(header("Stream-Version"), event.version.to_string());
        assert_eq!(message.payload, event.payload.as_bytes());
        let subject = format!("{DESTINATION}.{}", event.event_type);
        assert_eq!(message.subject.as_str(), subject);
    }
}

#[tokio::test]
async fn what_is_sent_again_is_kept_once() {
    let lab = Lab::new().await;
    let bank = lab.open_with_relay().await;
    bank.move_much(3).await;
    let log = bank.log().await;
    let relay = bank.services.relay.as_ref().unwrap();
    // A crash before the checkpoint moves, and a crash in the middle.
    relay.react(&log).await.unwrap();
    relay.react(&log[..log.len() / 2]).await.unwrap();
    relay.react(&log).await.unwrap();
    let info = lab.stream().await.get_info().await.unwrap();
    assert_eq!(info.state.messages, log.len() as u64);
}

#[tokio::test]
async fn the_inbox_knows_what_jetstream_has_forgotten() {
    let lab = Lab::new().await;
    // An operator's own stream, which the relay leaves as it is.
    let client = async_nats::connect(lab.nats.url()).await.unwrap();
    let config = stream::Config {
        name: STREAM.to_owned(),
        subjects: vec![format!("{DESTINATION}.>")],
        duplicate_window: Duration::from_millis(100),
        ..stream::Config::default()
    };
    let context = ContextBuilder::new().build(client);
    context.create_stream(config).await.unwrap();

    let bank = lab.open_with_relay().await;
    bank.move_much(3).await;
    let log = bank.log().await;
    let relay = bank.services.relay.as_ref().unwrap();
    let turnover = lab.start_turnover("turnover-1", &[]).await;
    let stream = lab.stream().await;
    wait_until("kept twice", async || {
        relay.react(&log).await.unwrap();
        let info = stream.get_info().await.unwrap();
        info.state.messages >= 2 * log.len() as u64
    })
    .await;
    lab.assert_agreement(&bank).await;
    let pending = async || lab.pending(&stream).await == (0, 0);
    wait_until("acknowledged", pending).await;
    lab.assert_agreement(&bank).await;
    turnover.stop().await;
}
