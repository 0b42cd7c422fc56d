//! Where the messages come from: a consumer that several processes share.

use std::time::Duration;

use async_nats::jetstream::{
    consumer::{AckPolicy, PullConsumer, pull},
    stream::ConsumerError,
};
use tokio::{sync::watch, time::timeout};
use tokio_stream::StreamExt;

use super::Turnover;
use crate::broker::BrokerError;

/// The name that the processes share, and with it the work.
pub const GROUP: &str = "turnover";

/// The most messages that are out at all processes together. When so many
/// cannot be read, nothing goes on: that is no single bad message any more.
pub const MOST_PENDING: i64 = 256;

/// Messages that a process takes at a time.
const BATCH: usize = 32;

/// How long to wait for a batch to fill. What is there comes at once.
const EXPIRES: Duration = Duration::from_secs(2);

/// How long to wait before NATS is tried again, at first and at last.
const RETRY: [Duration; 2] =
    [Duration::from_millis(100), Duration::from_secs(5)];

// ANCHOR: consumer
/// JetStream remembers for the group which messages are done. A message that
/// a process has got and not acknowledged in time goes to another one.
fn consumer() -> pull::Config {
    pull::Config {
        durable_name: Some(GROUP.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(5),
        max_ack_pending: MOST_PENDING,
        ..pull::Config::default()
    }
}
// ANCHOR_END: consumer

/// Why no more messages come.
#[derive(Debug, thiserror::Error)]
enum ConsumeError {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error("JetStream does not let us consume: {0}")]
    Consumer(#[from] ConsumerError),
    #[error("the connection to NATS is lost: {0}")]
    Batch(#[from] pull::BatchError),
    #[error("JetStream has ended the batch: {0}")]
    Message(#[from] async_nats::Error),
}

// ANCHOR: run
impl Turnover {
    /// Takes messages in until `stop`. Tries again for ever when NATS fails.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let [first, longest] = RETRY;
        let mut pause = first;
        loop {
            match self.consume(&mut stop, &mut pause).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(name: "consumer.interrupted", "{error}");
                }
            }
            if timeout(pause, stopped(&mut stop)).await.is_ok() {
                return;
            }
            pause = longest.min(pause * 2);
        }
    }

    async fn consume(
        &self,
        stop: &mut watch::Receiver<bool>,
        pause: &mut Duration,
    ) -> Result<(), ConsumeError> {
        let (_, stream) = self.broker.connect(GROUP).await?;
        let consumer: PullConsumer = stream.create_consumer(consumer()).await?;
        *pause = RETRY[0];
        loop {
            let pull = consumer.batch().max_messages(BATCH).expires(EXPIRES);
            let mut batch = pull.messages().await?;
            loop {
                let next = tokio::select! {
                    () = stopped(stop) => return Ok(()),
                    next = batch.next() => next,
                };
                match next {
                    Some(message) => self.process(&message?).await,
                    None => break,
                }
            }
        }
    }
}
// ANCHOR_END: run

/// Returns when it is time to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Nobody left who could say stop is as good as stop.
    let _ = stop.wait_for(|stop| *stop).await;
}
