//! Another service: how much comes in and goes out over the counter, by day.
//!
//! It has a database of its own and knows of the bank what the messages say.
//! Several of its processes share the work.

mod consume;
mod inbox;
mod instruments;
pub mod program;

use std::time::{Duration, Instant};

use async_nats::jetstream::{AckKind, Message};
use opentelemetry::{
    Context, KeyValue,
    context::FutureExt,
    trace::{Link, SpanKind, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::attribute::{
    ERROR_TYPE, MESSAGING_CONSUMER_GROUP_NAME,
    MESSAGING_MESSAGE_CONVERSATION_ID, MESSAGING_MESSAGE_ID,
    MESSAGING_OPERATION_NAME, MESSAGING_OPERATION_TYPE,
};
use telemetry::{Propagator, Telemetry};
use time::UtcOffset;

pub use consume::{GROUP, MOST_PENDING};
pub use inbox::{Inbox, StartError};

use crate::{
    broker::{Broker, Malformed, Received},
    codec::{self, Unreadable},
    domain::AccountEvent,
};
use inbox::Entry;
use instruments::Instruments;

/// How long a message waits that nobody could read. A newer program may.
const POISONED: Duration = Duration::from_secs(30);

/// How long a message waits when the database fails.
const DATABASE_DOWN: Duration = Duration::from_secs(1);

/// Takes messages in and keeps the sums.
#[derive(Debug)]
pub struct Turnover {
    inbox: Inbox,
    broker: Broker,
    tracer: SdkTracer,
    propagator: Propagator,
    instruments: Instruments,
    attributes: Vec<KeyValue>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the sums now.
    Applied,
    /// It was in the sums before.
    Duplicate,
    /// It is about something else.
    Ignored,
}

/// Why a message is not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It does not say what every message says.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is about money, and this program cannot read it.
    #[error("the event cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    /// It may be all right; the database is not.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
}

impl Turnover {
    /// Messages from `broker`, sums in `inbox`.
    pub fn new(telemetry: &Telemetry, broker: Broker, inbox: Inbox) -> Self {
        let mut attributes = broker.attributes();
        attributes.extend([
            KeyValue::new(MESSAGING_CONSUMER_GROUP_NAME, GROUP),
            KeyValue::new(MESSAGING_OPERATION_NAME, "process"),
        ]);
        Self {
            inbox,
            broker,
            tracer: telemetry.tracer("event_sourcing.turnover"),
            propagator: telemetry.propagator().clone(),
            instruments: Instruments::new(telemetry, attributes.clone()),
            attributes,
        }
    }
}

// ANCHOR: handle
impl Turnover {
    /// A type that is not about turnover, today's or one that is still to be
    /// invented, is none of our business. One that is must be understood.
    async fn handle(&self, message: &Received<'_>) -> Result<Outcome, Trouble> {
        let event_type = message.event_type()?;
        if !["MoneyDeposited", "MoneyWithdrawn"].contains(&event_type) {
            return Ok(Outcome::Ignored);
        }
        let schema_version = message.schema_version()?;
        let payload = message.payload()?;
        let event = codec::read(event_type, schema_version, payload)?;
        let (amount, deposited, withdrawn) = match event {
            AccountEvent::Deposited { amount } => (amount, amount.minor, 0),
            AccountEvent::Withdrawn { amount } => (amount, 0, amount.minor),
            _ => return Ok(Outcome::Ignored),
        };
        let at = message.recorded_at()?.to_offset(UtcOffset::UTC);
        let entry = Entry {
            event_id: message.event_id()?,
            day: at.date(),
            currency: amount.currency,
            deposited,
            withdrawn,
        };
        match self.inbox.apply(&entry).await? {
            true => Ok(Outcome::Applied),
            false => Ok(Outcome::Duplicate),
        }
    }
}
// ANCHOR_END: handle

// ANCHOR: process
impl Turnover {
    /// Handles a message and says so to JetStream, in that order: after a
    /// crash in between, the message comes again, and the inbox knows it.
    async fn process(&self, message: &Message) {
        let received = Received(&message.message);
        let context = self.start(&received);
        let processing = async {
            let started = Instant::now();
            let result = self.handle(&received).await;
            self.note(&result, started.elapsed(), is_first(message));
            let answer = match result {
                Ok(_) => AckKind::Ack,
                // Not `Term`: that would be to throw money away in silence.
                Err(Trouble::Malformed(_) | Trouble::Unreadable(_)) => {
                    AckKind::Nak(Some(POISONED))
                }
                Err(Trouble::Database(_)) => AckKind::Nak(Some(DATABASE_DOWN)),
            };
            // An answer that gets lost is as if the message had.
            let _ = message.ack_with(answer).await;
        };
        processing.with_context(context).await;
    }
}
// ANCHOR_END: process

// ANCHOR: process-span
impl Turnover {
    /// A root of its own, linked to the span that wrote the event. As its
    /// child it could come hours after its parent has ended, or a year, when
    /// everything is sent again.
    fn start(&self, message: &Received<'_>) -> Context {
        let mut attributes = self.attributes.clone();
        attributes.push(KeyValue::new(MESSAGING_OPERATION_TYPE, "process"));
        attributes.extend(message.event_id().ok().map(|id| {
            KeyValue::new(MESSAGING_MESSAGE_ID, id.to_string()) //
        }));
        attributes.extend(message.correlation_id().map(|id| {
            KeyValue::new(MESSAGING_MESSAGE_CONVERSATION_ID, id.to_string())
        }));
        let producer = message.producer(&self.propagator);
        let span = self
            .tracer
            .span_builder("process bank.account")
            .with_kind(SpanKind::Consumer)
            .with_attributes(attributes)
            .with_links(vec![Link::with_context(producer)]);
        let parent = Context::new();
        let span = self.tracer.build_with_context(span, &parent);
        parent.with_span(span)
    }
}
// ANCHOR_END: process-span

impl Turnover {
    /// Notes on the current span, in metrics and in the log how it went.
    fn note(
        &self,
        result: &Result<Outcome, Trouble>,
        took: Duration,
        first: bool,
    ) {
        let (outcome, error) = match result {
            Ok(Outcome::Applied) => ("applied", None),
            Ok(Outcome::Duplicate) => ("duplicate", None),
            Ok(Outcome::Ignored) => ("ignored", None),
            Err(Trouble::Database(_)) => ("failed", Some("database")),
            Err(Trouble::Malformed(_)) => ("poison", Some("malformed")),
            Err(Trouble::Unreadable(_)) => ("poison", Some("unreadable")),
        };
        let context = Context::current();
        let span = context.span();
        span.set_attribute(KeyValue::new("es.inbox.outcome", outcome));
        if let Some(error) = error {
            span.set_attribute(KeyValue::new(ERROR_TYPE, error));
            span.set_status(Status::error(""));
        }
        self.instruments.processed(outcome, error, took);
        match result {
            Err(Trouble::Database(error)) => {
                tracing::warn!(name: "message.failed", "{error}; it waits");
            }
            // It comes again and again. Once is enough to be told.
            Err(trouble) if first => {
                tracing::error!(name: "message.poison", "{trouble}; it waits");
            }
            _ => {}
        }
    }
}

/// Whether JetStream sends the message for the first time.
fn is_first(message: &Message) -> bool {
    message.info().is_ok_and(|info| info.delivered == 1)
}
