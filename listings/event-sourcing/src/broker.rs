//! NATS JetStream: where events go on to, for other services.

mod message;

use std::{fmt, time::Duration};

use async_nats::{
    ConnectOptions, ServerAddr,
    jetstream::{
        self, Context,
        context::ContextBuilder,
        stream::{Config, RetentionPolicy, StorageType},
    },
    rustls,
};
use opentelemetry::KeyValue;
use opentelemetry_semantic_conventions::attribute::{
    MESSAGING_DESTINATION_NAME, MESSAGING_SYSTEM, SERVER_ADDRESS, SERVER_PORT,
};

pub use message::{Malformed, Received, outgoing};

/// The start of every subject, and what spans and metrics call the
/// destination. The event's type follows; an account's id never does.
pub const DESTINATION: &str = "bank.account";

/// The JetStream stream that keeps the messages.
pub const STREAM: &str = "bank_account";

/// How long a connection, a request or an acknowledgement may take.
const PATIENCE: Duration = Duration::from_secs(2);

// ANCHOR: stream
/// How long a message can be had.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long JetStream remembers an id, to drop a message that comes again.
pub const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// The stream, as it is created where there is none. One that is there is
/// left as it is: its operator may have made it with three replicas.
fn stream() -> Config {
    Config {
        name: STREAM.to_owned(),
        subjects: vec![format!("{DESTINATION}.>")],
        description: Some("What happened to accounts".to_owned()),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        max_age: KEPT,
        duplicate_window: REMEMBERED,
        ..Config::default()
    }
}
// ANCHOR_END: stream

/// Why there is no NATS to talk to.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Nobody answers at the address, or not to us.
    #[error("cannot connect to NATS: {0}")]
    Connect(#[from] async_nats::ConnectError),
    /// It answers, but JetStream does not give us the stream.
    #[error("cannot use the JetStream stream {STREAM}: {0}")]
    Stream(#[from] jetstream::context::CreateStreamError),
}

/// `NATS_URL` is not the address of a NATS server. It may hold a password, so
/// it is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("NATS_URL is not a URL such as nats://host:4222 or tls://host:4222")]
pub struct NotAnAddress;

/// Where NATS is, and who we are there.
#[derive(Clone)]
pub struct Broker {
    /// Without the user: async-nats writes addresses to the log.
    address: ServerAddr,
    user: Option<(String, String)>,
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Broker({self})")
    }
}

impl Broker {
    /// The server at `url`. Nothing is opened yet.
    ///
    /// # Errors
    /// When `url` is not a URL of NATS.
    pub fn new(url: &str) -> Result<Self, NotAnAddress> {
        // For `tls://`. A program that has made its choice keeps it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let full: ServerAddr = url.parse().map_err(|_| NotAnAddress)?;
        let scheme = full.scheme();
        if full.host().is_empty() || !["nats", "tls"].contains(&scheme) {
            return Err(NotAnAddress);
        }
        let user = full.username().map(|user| {
            let password = full.password().unwrap_or_default();
            (user.to_owned(), password.to_owned())
        });
        let address = match url.rsplit_once('@') {
            Some((_, place)) => format!("{scheme}://{place}").parse(),
            None => Ok(full),
        };
        let address = address.map_err(|_| NotAnAddress)?;
        Ok(Self { address, user })
    }

    /// A connection, and the stream at its other end.
    ///
    /// A connection that breaks is not mended but thrown away, with all that
    /// waited in it. What to do next is for the caller to decide.
    ///
    /// # Errors
    /// When NATS does not answer in time, or refuses.
    pub async fn connect(
        &self,
        name: &str,
    ) -> Result<(Context, jetstream::stream::Stream), BrokerError> {
        let mut options = ConnectOptions::new()
            .name(name)
            .connection_timeout(PATIENCE)
            .max_reconnects(1);
        if let Some((user, password)) = self.user.clone() {
            options = options.user_and_password(user, password);
        }
        let client = options.connect(self.address.clone()).await?;
        let context = ContextBuilder::new().timeout(PATIENCE).build(client);
        let stream = match context.get_or_create_stream(stream()).await {
            Ok(stream) => stream,
            // Another process may have made it in the same moment.
            Err(_) => context.get_or_create_stream(stream()).await?,
        };
        Ok((context, stream))
    }
}

impl fmt::Display for Broker {
    /// For the operator, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.address.host(), self.address.port());
        write!(f, "{}://{host}:{port}", self.address.scheme())
    }
}

impl Broker {
    /// What every span and metric about this server says.
    pub fn attributes(&self) -> Vec<KeyValue> {
        vec![
            KeyValue::new(MESSAGING_SYSTEM, "nats"),
            KeyValue::new(MESSAGING_DESTINATION_NAME, DESTINATION),
            KeyValue::new(SERVER_ADDRESS, self.address.host().to_owned()),
            KeyValue::new(SERVER_PORT, i64::from(self.address.port())),
        ]
    }
}
