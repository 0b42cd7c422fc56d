//! What follows the feed: read models, and what reacts to events.
//!
//! A **subscriber** reads the feed page by page. What it writes, it writes in
//! the transaction that moves its checkpoint; what it does elsewhere, it may
//! do twice after a crash, and knows it. One process at a time acts for a
//! subscriber; others wait to take over.

mod balances;
mod checkpoint;
mod live;
mod lock;
mod rebuild;
mod runner;
mod sampler;
mod signals;
mod status;
mod subscriber;

use std::{sync::Arc, time::Duration};

use opentelemetry::{
    Context,
    trace::{SpanContext, TraceContextExt},
};
use telemetry::{Telemetry, carry};
use tokio::{sync::watch, task::JoinSet};

pub use balances::{Balance, Balances, ReadError, Status};
pub use rebuild::RebuildError;
pub use status::ProjectionStatus;
pub use subscriber::{Halt, IMPOSSIBLE, Subscriber, UNREADABLE, VERSION_GAP};

use crate::{
    bank::Bank, store::EventStore, transfers::Transfers, wakeup::Wakeup,
};
use balances::Folding;
use runner::Runner;
use sampler::Sampler;
use signals::Signals;

/// Follows the feed. A clone is another handle to the same.
#[derive(Clone, Debug)]
pub struct Projections {
    shared: Arc<Shared>,
    transfers: Transfers,
    balances: Balances,
}

/// What all subscribers of a process have in common.
#[derive(Debug)]
struct Shared {
    store: EventStore,
    wakeup: Wakeup,
    signals: Signals,
    sampler: Sampler,
    pace: Pace,
    /// Rings whenever a subscriber has committed a page.
    progress: watch::Sender<()>,
    /// The last rebuild that this process has asked for.
    asked: watch::Sender<Option<Asked>>,
}

/// A rebuild, and the span that asked for it.
#[derive(Clone, Debug)]
struct Asked {
    revision: i32,
    by: SpanContext,
}

// ANCHOR: pace
/// How often subscribers look, when nobody rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two looks at a feed without news.
    pub poll: Duration,
    /// Between two looks at news that an open transaction hides.
    pub hidden: Duration,
    /// Between two looks at how far the projections are, for the gauges.
    pub sample: Duration,
    /// Between two counts of all events, for the gauge of missing ones.
    pub count: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(250),
            hidden: Duration::from_millis(10),
            sample: Duration::from_secs(5),
            count: Duration::from_secs(60),
        }
    }
}
// ANCHOR_END: pace

impl Projections {
    /// Projections of the events in `store`, which `wakeup` tells of, and the
    /// process manager that gives orders to `bank`.
    pub fn new(
        telemetry: &Telemetry,
        store: EventStore,
        bank: Bank,
        wakeup: Wakeup,
        pace: Pace,
    ) -> Self {
        let progress = watch::Sender::new(());
        let balances = Balances::new(store.clone(), progress.clone());
        let transfers = Transfers::new(telemetry, store.clone(), bank);
        let shared = Shared {
            store,
            wakeup,
            signals: Signals::new(telemetry),
            sampler: Sampler::new(telemetry),
            pace,
            progress,
            asked: watch::Sender::new(None),
        };
        Self {
            shared: Arc::new(shared),
            transfers,
            balances,
        }
    }

    /// The account balances, to read them.
    pub fn balances(&self) -> &Balances {
        &self.balances
    }

    /// The transfers that are held, to see and release them.
    pub fn transfers(&self) -> &Transfers {
        &self.transfers
    }
}

// ANCHOR: spawn
impl Projections {
    /// Starts the subscribers of this listing: the balances and the transfers.
    pub fn spawn(&self) -> Running {
        let mut running = Running {
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
            sampler: JoinSet::new(),
        };
        let sampling = sampler::sample(Arc::clone(&self.shared));
        running.sampler.spawn(carry::future(sampling));
        let database = self.shared.store.database();
        self.add(&mut running, Folding::new(database.clone()));
        self.add(&mut running, self.transfers.manager());
        running
    }

    /// Starts one subscriber more.
    pub fn add<S: Subscriber>(&self, running: &mut Running, subscriber: S) {
        let runner = Runner {
            subscriber,
            shared: Arc::clone(&self.shared),
            stop: running.stop.subscribe(),
        };
        running.tasks.spawn(carry::future(runner.run()));
    }
}

// ANCHOR_END: spawn

/// Subscribers that run. They also stop, less gently, when this is dropped.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    sampler: JoinSet<()>,
}

impl Running {
    /// Lets each subscriber finish its page, and waits for them.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// The span that is current, to link to it.
fn current_span() -> SpanContext {
    Context::map_current(|current| current.span().span_context().clone())
}
