//! What was recorded, and what of it arrived.

use std::{
    fmt,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use opentelemetry_sdk::error::OTelSdkResult;

// ANCHOR: signal-count
/// Counts of one signal. An item is a span, a log record or a metric point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignalCount {
    /// Handed to the pipeline by the program.
    pub recorded: u64,
    /// In a request that the receiver answered with success.
    pub delivered: u64,
    /// In a request that was given up after the exporter's retries.
    pub failed: u64,
}

impl SignalCount {
    /// Never sent: the queue was full, or the deadline passed before its turn.
    pub fn dropped(&self) -> u64 {
        self.recorded.saturating_sub(self.delivered + self.failed)
    }

    /// Recorded, but not delivered.
    pub fn lost(&self) -> u64 {
        self.recorded.saturating_sub(self.delivered)
    }
}
// ANCHOR_END: signal-count

/// What became of everything that was recorded.
///
/// A receiver that takes a request and rejects a part of it (a *partial
/// success* in OTLP) counts as a delivery here; the SDK logs a warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Sampled spans that ended.
    pub spans: SignalCount,
    /// Log records that passed the filter.
    pub logs: SignalCount,
    /// Metric points, counted at each export.
    pub metrics: SignalCount,
}

impl Delivery {
    /// Whether everything arrived.
    pub fn is_complete(&self) -> bool {
        let signals = [self.spans, self.logs, self.metrics];
        signals.iter().all(|signal| signal.lost() == 0)
    }
}

/// Some telemetry did not arrive, or it is not known in time whether it did.
#[derive(Clone, Debug, thiserror::Error)]
#[error("not all telemetry was delivered: {delivery}{}", Reasons(reasons))]
pub struct Undelivered {
    pub(crate) delivery: Delivery,
    pub(crate) reasons: Vec<String>,
}

impl Undelivered {
    /// The counts behind the message.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }
}

struct Reasons<'a>(&'a [String]);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|reason| write!(f, "; {reason}"))
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "delivered {} spans, {} log records, {} metric points",
            self.spans, self.logs, self.metrics
        )
    }
}

/// `12 of 15 (2 failed, 1 dropped)`, shorter when nothing was lost.
impl fmt::Display for SignalCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.delivered, self.recorded)?;
        match (self.failed, self.dropped()) {
            (0, 0) => Ok(()),
            (failed, 0) => write!(f, " ({failed} failed)"),
            (0, dropped) => write!(f, " ({dropped} dropped)"),
            (failed, dropped) => {
                write!(f, " ({failed} failed, {dropped} dropped)")
            }
        }
    }
}

/// The running counts of one signal, shared by its processor and exporter.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    recorded: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
    last_error: Mutex<Option<String>>,
    finished: Mutex<bool>,
    finishing: Condvar,
}

impl Ledger {
    pub(crate) fn record(&self, items: u64) {
        self.recorded.fetch_add(items, Relaxed);
    }

    /// Books the outcome of one export.
    pub(crate) fn settle(&self, items: u64, result: &OTelSdkResult) {
        match result {
            Ok(()) => {
                self.delivered.fetch_add(items, Relaxed);
            }
            Err(error) => {
                self.failed.fetch_add(items, Relaxed);
                *lock(&self.last_error) = Some(error.to_string());
            }
        }
    }

    /// The last export is over.
    pub(crate) fn finish(&self) {
        *lock(&self.finished) = true;
        self.finishing.notify_all();
    }

    /// Waits for the last export; `false` when `deadline` passes first.
    pub(crate) fn wait(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self.finishing.wait_timeout_while(
            lock(&self.finished),
            left.max(Duration::from_millis(1)),
            |finished| !*finished,
        );
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    pub(crate) fn count(&self) -> SignalCount {
        // An item is recorded before it is settled: read in reverse, so that
        // no snapshot shows more delivered than recorded.
        let failed = self.failed.load(Relaxed);
        let delivered = self.delivered.load(Relaxed);
        SignalCount {
            recorded: self.recorded.load(Relaxed).max(delivered + failed),
            delivered,
            failed,
        }
    }

    pub(crate) fn last_error(&self) -> Option<String> {
        lock(&self.last_error).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
