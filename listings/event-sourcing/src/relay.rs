//! Sends events on to other services.
//!
//! The log is the outbox: an event is in it or it is not, in one commit with
//! everything else. So the relay is one more reader of the feed.

mod sending;

use std::sync::Arc;

use async_nats::jetstream::{
    Context,
    context::{PublishAckFuture, PublishError, PublishErrorKind},
};
use telemetry::Telemetry;
use tokio::sync::Mutex;

use crate::{
    broker::{Broker, BrokerError, outgoing},
    projections::{Halt, Subscriber},
    store::RecordedEvent,
};
use sending::{Sending, Signals};

// ANCHOR: relay
/// Publishes every event to JetStream. A clone is the same relay.
#[derive(Clone, Debug)]
pub struct Relay {
    broker: Broker,
    signals: Arc<Signals>,
    /// None until it is needed, and again when it has failed.
    connection: Arc<Mutex<Option<Context>>>,
}

impl Subscriber for Relay {
    fn name(&self) -> &'static str {
        "relay"
    }

    /// The checkpoint moves when this returns, and not before every message
    /// is acknowledged. After a crash in between, the same messages are sent
    /// again, under the same ids.
    async fn react(&self, page: &[RecordedEvent]) -> Result<(), Halt> {
        let mut connection = self.connection.lock().await;
        let context = match connection.take() {
            Some(context) => context,
            None => self.connect().await?,
        };
        self.publish(page, &context).await?;
        *connection = Some(context);
        Ok(())
    }
}
// ANCHOR_END: relay

impl Relay {
    /// A relay to `broker`, which need not be there yet.
    pub fn new(telemetry: &Telemetry, broker: Broker) -> Self {
        Self {
            signals: Arc::new(Signals::new(telemetry, broker.attributes())),
            broker,
            connection: Arc::default(),
        }
    }

    async fn connect(&self) -> Result<Context, Halt> {
        let connecting = self.broker.connect("event-sourcing relay").await;
        let (context, _) = connecting.map_err(|error| Halt::Later {
            at: 0,
            reason: match error {
                BrokerError::Connect(_) => "connect",
                BrokerError::Stream(_) => "stream",
            },
            source: Box::new(error),
        })?;
        Ok(context)
    }
}

// ANCHOR: publish
/// What has become of a message: sent and to be acknowledged, or not sent.
type Sent = Result<PublishAckFuture, PublishError>;

impl Relay {
    /// Sends all of a page and then waits for the answers: one round trip for
    /// a page, not one for a message.
    async fn publish(
        &self,
        page: &[RecordedEvent],
        context: &Context,
    ) -> Result<(), Halt> {
        let mut sent: Vec<(Sending<'_>, Sent)> = Vec::new();
        let mut halt = None;
        for (at, event) in page.iter().enumerate() {
            // Telemetry that cannot be read keeps no event from going on.
            let metadata = event.metadata().unwrap_or_default();
            let Some(message) = outgoing(event, &metadata) else {
                let reason = "not_publishable";
                halt = Some(Halt::Poison { at, reason });
                break;
            };
            let sending = self.signals.start(event, &metadata);
            let (subject, message) = message;
            sent.push((sending, context.send_publish(subject, message).await));
        }
        for (at, (sending, sent)) in sent.into_iter().enumerate() {
            let result = match sent {
                Ok(acknowledgement) => acknowledgement.await,
                Err(error) => Err(error),
            };
            sending.end(result.as_ref().err().map(reason));
            result.map_err(|error| halt_at(at, error))?;
        }
        halt.map_or(Ok(()), Err)
    }
}
// ANCHOR_END: publish

/// A name for what went wrong, out of a small set.
fn reason(error: &PublishError) -> &'static str {
    match error.kind() {
        PublishErrorKind::TimedOut => "timeout",
        PublishErrorKind::BrokenPipe => "connection",
        PublishErrorKind::StreamNotFound => "stream",
        PublishErrorKind::MaxPayloadExceeded => "too_large",
        _ => "_OTHER",
    }
}

fn halt_at(at: usize, error: PublishError) -> Halt {
    let reason = reason(&error);
    match error.kind() {
        // It will be as large tomorrow.
        PublishErrorKind::MaxPayloadExceeded => Halt::Poison { at, reason },
        _ => Halt::Later {
            at,
            reason,
            source: Box::new(error),
        },
    }
}
