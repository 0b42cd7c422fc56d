//! What the bank is asked to do, and what it answers.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    accounts::LoadError,
    domain::{AccountId, Command, Money, Rejection, SubjectId, TransferId},
    store::{AppendError, Cause},
};

// ANCHOR: order
/// A command, for whom it is, and under which conditions.
#[derive(Clone, Debug)]
pub struct Order {
    /// The account.
    pub account: AccountId,
    /// What to do.
    pub command: Command,
    /// Who or what asks for it.
    pub cause: Cause,
    /// How its repetition is recognised, so that it is carried out once.
    pub key: Option<Key>,
    /// The version that the client has seen. On another one nothing is tried:
    /// the client decided, and has to decide again.
    pub if_match: Option<i64>,
    /// The HTTP status of the answer, if all goes well.
    pub status: u16,
}

/// How the repetition of an order is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// By the name that a client gave to its request. It may be swept, and
    /// then the same request is a new one.
    Request(RequestKey),
    /// By the id of the command, which the log keeps for ever. For the orders
    /// of the process manager: the database notes those by its actor.
    Command,
}

/// The name of a request, and what was asked under that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The name, chosen by the client.
    pub key: Uuid,
    /// A fingerprint of the request.
    pub request_hash: [u8; 32],
}
// ANCHOR_END: order

// ANCHOR: of-client
/// The names that clients choose (a namespace of RFC 9562).
const CLIENTS: Uuid =
    Uuid::from_u128(0x4f9c_2d0e_7a51_4b1e_9d3c_58a6_e0f1_72b4);

impl RequestKey {
    /// A name that a client has chosen. It is kept under another one, so that
    /// no client can take a name that the program gives to its own orders.
    pub fn of_client(key: Uuid, request_hash: [u8; 32]) -> Self {
        Self {
            key: Uuid::new_v5(&CLIENTS, key.as_bytes()),
            request_hash,
        }
    }
}
// ANCHOR_END: of-client

/// The answer to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The account's version after it.
    pub version: i64,
    /// The account that it was about.
    pub account: AccountId,
    /// A [`Receipt`] as JSON, the same to the byte when it is replayed.
    pub body: String,
    /// Whether it comes from an earlier request with the same key.
    pub replayed: bool,
}

/// What the bank hands out for a command.
#[derive(Debug, Serialize)]
pub struct Receipt {
    /// The account.
    pub account_id: AccountId,
    /// Its version after the command: the number of its last event.
    pub version: i64,
    /// What is on it. Absent once it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
    /// Whose account it is. Only when it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<SubjectId>,
    /// The transfer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<TransferId>,
}

// ANCHOR: refusal
/// Why an order was not carried out. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The account refuses.
    #[error(transparent)]
    Rejected(Rejection),
    /// The account at the other end of a transfer refuses.
    #[error("the other account refuses: {0}")]
    CounterpartyRejected(Rejection),
    /// The account is no longer as the client has seen it.
    #[error("the account is at version {actual}")]
    Changed {
        /// Its version.
        actual: i64,
    },
    /// The key belongs to another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// Others were faster, again and again.
    #[error("too many others write to this account")]
    Contended,
    /// The account cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The events cannot be appended.
    #[error(transparent)]
    Store(#[from] AppendError),
}
// ANCHOR_END: refusal

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(AppendError::Database(error))
    }
}

impl Refusal {
    /// How the command ended, for telemetry: refused by the rules, beaten by
    /// others, or failed.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Rejected(_) | Self::CounterpartyRejected(_) => "rejected",
            Self::KeyReused => "rejected",
            Self::Changed { .. } | Self::Contended => "conflict",
            Self::Store(AppendError::KeyInUse) => "conflict",
            Self::Load(_) | Self::Store(_) => "error",
        }
    }

    /// A name for telemetry, out of a small set.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rejected(_) | Self::CounterpartyRejected(_) => "rejected",
            Self::Changed { .. } => "changed",
            Self::KeyReused => "key_reused",
            Self::Contended => "contended",
            Self::Load(LoadError::Database(_)) => "database",
            Self::Load(_) => "unreadable_event",
            Self::Store(error) => error.kind(),
        }
    }

    /// What to tell an operator: the cause behind the words for clients.
    pub fn cause(&self) -> String {
        let mut text = self.to_string();
        let mut error: &dyn std::error::Error = self;
        while let Some(source) = error.source() {
            text = format!("{text}: {source}");
            error = source;
        }
        text
    }
}
