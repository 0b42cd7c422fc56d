//! Waiting for telemetry, with a deadline.

use super::Receiver;
use crate::{
    model::{LogRecord, Metric, Span},
    store::{Evicted, Store},
    text::counted,
    trace::Trace,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, timeout_at};

/// What did not arrive before the deadline. Its message says what did.
#[derive(Debug, thiserror::Error)]
#[error("waited {waited:?} for {wanted}; received {received}")]
pub struct Missing {
    wanted: String,
    waited: Duration,
    received: String,
}

impl Receiver {
    /// Waits until there are at least `n` spans and returns all.
    ///
    /// # Errors
    ///
    /// When fewer are there `deadline` from now.
    pub async fn wait_for_spans(
        &self,
        n: usize,
        deadline: Duration,
    ) -> Result<Vec<Span>, Missing> {
        let wanted = counted(n, "span");
        self.wait(&wanted, deadline, |store| {
            (store.span_count() >= n).then_some(())
        })
        .await?;
        Ok(self.spans())
    }

    /// Waits until one trace has at least `n` spans and returns it.
    ///
    /// # Errors
    ///
    /// When no trace has as many `deadline` from now.
    pub async fn wait_for_trace(
        &self,
        n: usize,
        deadline: Duration,
    ) -> Result<Trace, Missing> {
        let wanted = format!("a trace of {}", counted(n, "span"));
        self.wait(&wanted, deadline, |store| {
            store.traces().find(|trace| trace.spans.len() >= n).cloned()
        })
        .await
    }

    /// Waits until there are at least `n` log records and returns all.
    ///
    /// # Errors
    ///
    /// When fewer are there `deadline` from now.
    pub async fn wait_for_logs(
        &self,
        n: usize,
        deadline: Duration,
    ) -> Result<Vec<LogRecord>, Missing> {
        let wanted = counted(n, "log record");
        self.wait(&wanted, deadline, |store| {
            (store.log_count() >= n).then_some(())
        })
        .await?;
        Ok(self.logs())
    }

    /// Waits for the metric `name` and returns its latest export.
    ///
    /// # Errors
    ///
    /// When there is none `deadline` from now.
    pub async fn wait_for_metric(
        &self,
        name: &str,
        deadline: Duration,
    ) -> Result<Metric, Missing> {
        let wanted = format!("the metric {name}");
        self.wait(&wanted, deadline, |store| {
            let exports = store.metrics().filter(|metric| metric.name == name);
            exports.last().cloned()
        })
        .await
    }

    async fn wait<T>(
        &self,
        wanted: &str,
        deadline: Duration,
        find: impl Fn(&Store) -> Option<T>,
    ) -> Result<T, Missing> {
        let until = Instant::now() + deadline;
        let mut arrivals = self.shared.arrivals.subscribe();
        loop {
            if let Some(found) = find(&self.shared.store()) {
                return Ok(found);
            }
            if timeout_at(until, arrivals.changed()).await.is_err() {
                return Err(Missing {
                    wanted: wanted.to_owned(),
                    waited: deadline,
                    received: inventory(&self.shared.store()),
                });
            }
        }
    }
}

/// Says what a store holds, each name with the number of its occurrences.
fn inventory(store: &Store) -> String {
    let spans = store
        .traces()
        .flat_map(|trace| &trace.spans)
        .map(|span| format!("{} ({})", span.name, span.origin.service()));
    let logs = store.logs().map(|log| log.body.to_string());
    let metrics = store.metrics().map(|metric| metric.name.clone());
    let mut text = [
        named("span", spans),
        named("log record", logs),
        named("metric", metrics),
    ]
    .join("; ");
    let evicted = store.evicted();
    if evicted != Evicted::default() {
        text += &format!("; dropped to stay within limits: {evicted}");
    }
    text
}

fn named(what: &str, names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 20;
    let mut counts = BTreeMap::<String, usize>::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut text = counted(counts.values().sum(), what);
    for (at, (name, count)) in counts.iter().take(SHOWN).enumerate() {
        text += if at == 0 { ": " } else { ", " };
        text += name;
        if *count > 1 {
            text += &format!(" ×{count}");
        }
    }
    if counts.len() > SHOWN {
        text += &format!(" and {} other names", counts.len() - SHOWN);
    }
    text
}
