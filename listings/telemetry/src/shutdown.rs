//! The end: send what is left, and say what became of everything.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use opentelemetry_sdk::error::OTelSdkResult;

use crate::{
    config::Endpoint,
    delivery::{Delivery, Ledger, Undelivered},
    start::{Pipelines, Telemetry},
};

// ANCHOR: shutdown
impl Telemetry {
    /// Sends what is left of all three signals, stops the pipelines, and
    /// reports. What is recorded afterwards is lost.
    ///
    /// The SDK blocks while it does so, and gRPC needs a free thread of the
    /// runtime meanwhile; so this waits on a thread of its own. A second call
    /// reports the same again.
    ///
    /// # Errors
    /// When anything that was recorded did not arrive, or `deadline` passed
    /// before it was known. The program may end all the same.
    pub async fn shutdown(
        &self,
        deadline: Duration,
    ) -> Result<Delivery, Undelivered> {
        let pipelines = Arc::clone(&self.0);
        let closing =
            tokio::task::spawn_blocking(move || pipelines.close(deadline));
        closing.await.unwrap_or_else(|error| {
            Err(Undelivered {
                delivery: self.delivery(),
                reasons: vec![error.to_string()],
            })
        })
    }
}
// ANCHOR_END: shutdown

impl Telemetry {
    /// What has been recorded and delivered so far.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery()
    }
}

// ANCHOR: close
impl Pipelines {
    fn close(&self, limit: Duration) -> Result<Delivery, Undelivered> {
        let deadline = Instant::now() + limit;
        let (tracers, loggers, meters) = (
            self.tracers.clone(),
            self.loggers.clone(),
            self.meters.clone(),
        );
        // Side by side: a hanging signal must not take the others' time.
        background(move || tracers.shutdown_with_timeout(limit));
        background(move || loggers.shutdown_with_timeout(limit));
        background(move || meters.shutdown_with_timeout(limit));

        let mut in_time = true;
        for (_, endpoint, ledger) in self.signals() {
            in_time &= endpoint.is_none() || ledger.wait(deadline);
        }

        let delivery = self.delivery();
        if in_time && delivery.is_complete() {
            return Ok(delivery);
        }
        let mut reasons = self.reasons();
        if !in_time {
            reasons.push(format!("gave up after {limit:?}"));
        }
        Err(Undelivered { delivery, reasons })
    }
}
// ANCHOR_END: close

impl Pipelines {
    fn delivery(&self) -> Delivery {
        Delivery {
            spans: self.spans.count(),
            logs: self.logs.count(),
            metrics: self.metrics.count(),
        }
    }

    fn signals(&self) -> [(&'static str, &Option<Endpoint>, &Ledger); 3] {
        [
            ("spans", &self.config.traces, &self.spans),
            ("logs", &self.config.logs, &self.logs),
            ("metrics", &self.config.metrics, &self.metrics),
        ]
    }

    /// The last error of each signal, with where it happened.
    fn reasons(&self) -> Vec<String> {
        let reason = |(signal, endpoint, ledger): (_, &Option<_>, &Ledger)| {
            let endpoint: &Endpoint = endpoint.as_ref()?;
            let error = ledger.last_error()?;
            Some(format!("{signal} to {}: {error}", endpoint.url))
        };
        self.signals().into_iter().filter_map(reason).collect()
    }
}

/// A thread that may outlive its caller: an export that hangs cannot be
/// stopped, and must not keep the process from ending either.
fn background(stop: impl FnOnce() -> OTelSdkResult + Send + 'static) {
    let spawned = thread::Builder::new()
        .name("telemetry-shutdown".to_owned())
        // The result says nothing about delivery; the ledgers do.
        .spawn(move || drop(stop()));
    if let Err(error) = spawned {
        tracing::error!(%error, "cannot stop a telemetry pipeline");
    }
}
