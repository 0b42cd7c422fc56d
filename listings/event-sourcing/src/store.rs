//! The event store: a log of what happened, in PostgreSQL.
//!
//! A **stream** is the events of one account, numbered from 1. A writer says
//! which version it has seen; when somebody was faster, nothing is written.
//! The **feed** is all events of all streams in an order that never changes.

mod append;
mod chain;
mod event;
mod feed;
mod read;
mod verify;

use std::sync::Arc;

use opentelemetry_sdk::trace::SdkTracer;
use telemetry::{Propagator, Telemetry};
use uuid::Uuid;

pub use append::{Answer, Append, AppendError, Expected, RETRIES_OF_ANY};
pub use chain::{Hash, NotStorable};
pub use event::{Cause, Metadata, NewEvent, RecordedEvent};
pub use feed::{FEED, FeedCursor, RestoredFromTheFuture};
pub use read::{EVENTS, EventToFold, PAGE};
pub use verify::{Fault, Verdict};

use crate::{database::Database, instruments::Instruments, wakeup::Wakeup};

// ANCHOR: event-store
/// Appends to streams and reads them, and the feed of all.
#[derive(Clone, Debug)]
pub struct EventStore {
    database: Database,
    tracer: SdkTracer,
    propagator: Propagator,
    instruments: Arc<Instruments>,
    wakeup: Wakeup,
}

/// Where a stream ends: its last version, and the hash of that event.
///
/// A writer takes it from what it has read, and the next append must find the
/// stream still there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last version; 0 for a stream that does not exist yet.
    pub version: i64,
    /// The hash of the last event.
    pub hash: Hash,
}

impl Head {
    /// The head of a stream without events.
    pub const NONE: Self = Self {
        version: 0,
        hash: Hash::GENESIS,
    };
}
// ANCHOR_END: event-store

/// What all streams of this listing hold. It names the destination in spans:
/// a stream's own id would make a name of its own for each account.
pub const STREAM_TYPE: &str = "account";

/// The stream of an account.
pub type StreamId = Uuid;

impl EventStore {
    /// A store in `database`, whose schema must be there.
    pub fn new(
        telemetry: &Telemetry,
        database: Database,
        instruments: Arc<Instruments>,
        wakeup: Wakeup,
    ) -> Self {
        Self {
            database,
            tracer: telemetry.tracer("event_sourcing.store"),
            propagator: Arc::clone(telemetry.propagator()),
            instruments,
            wakeup,
        }
    }

    /// The database below.
    pub fn database(&self) -> &Database {
        &self.database
    }
}
