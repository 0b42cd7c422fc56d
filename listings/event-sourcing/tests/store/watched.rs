//! A bank whose telemetry a test can look at.

use event_sourcing::{
    projections::{Pace, Projections},
    services::Services,
    settings::Settings,
};
use otlp_console::{
    Limits, Receiver,
    model::{LogRecord, Number, Span, Value},
};
use std::{collections::BTreeMap, time::Duration};
use telemetry::{Config, Telemetry};
use tracing::instrument::WithSubscriber;

use crate::harness::{Bank, DEADLINE, new_database, until};

/// A bank, and what receives its telemetry.
pub(crate) struct Watched {
    pub(crate) bank: Bank,
    pub(crate) telemetry: Telemetry,
    pub(crate) receiver: Receiver,
}

impl Watched {
    pub(crate) async fn new() -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let endpoint = receiver.http_endpoint();
        let config = Config::from_lookup("test", "0", |name| {
            let value = match name {
                "OTEL_EXPORTER_OTLP_ENDPOINT" => endpoint.as_str(),
                "OTEL_METRIC_EXPORT_INTERVAL" => "50",
                name if name.ends_with("SCHEDULE_DELAY") => "20",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let telemetry = Telemetry::start(&config.unwrap()).unwrap();
        let url = new_database().await;
        let settings = Settings::from_lookup(&|name| {
            (name == "DATABASE_URL").then(|| url.clone())
        });
        let settings = settings.unwrap();
        let services = Services::start(&telemetry, &settings).await;
        let mut services = services.unwrap();
        services.projections = Projections::new(
            &telemetry,
            services.store.clone(),
            services.bank.clone(),
            services.wakeup.clone(),
            Pace {
                sample: Duration::from_millis(20),
                count: Duration::from_millis(20),
                ..Pace::default()
            },
        );
        Self {
            bank: Bank { services, url },
            telemetry,
            receiver,
        }
    }

    /// Does `work` as this bank's process would.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = T>) -> T {
        work.with_subscriber(self.telemetry.subscriber()).await
    }

    /// Waits for a span and returns it.
    pub(crate) async fn span(&self, wanted: impl Fn(&Span) -> bool) -> Span {
        until(async || self.receiver.spans().iter().any(&wanted)).await;
        self.receiver.spans().into_iter().find(wanted).unwrap()
    }

    /// Every page that the subscriber `group` has processed.
    pub(crate) fn pages(&self, group: &str) -> Vec<Span> {
        let of = |span: &Span| {
            text(span, "messaging.consumer.group.name") == Some(group)
        };
        let spans = self.receiver.spans();
        spans.into_iter().filter(of).collect()
    }

    /// The children of a span, in the order of their beginning.
    pub(crate) fn children(&self, of: &Span) -> Vec<Span> {
        let mut children = self.receiver.spans();
        children.retain(|span| span.parent_span_id == Some(of.span_id));
        children.sort_by_key(|span| span.start_unix_nano);
        children
    }

    pub(crate) fn logs(&self, name: &str) -> Vec<LogRecord> {
        let mut logs = self.receiver.logs();
        logs.retain(|log| log.event_name == name);
        logs
    }

    /// Waits until a metric has this value.
    pub(crate) async fn metric_is(&self, name: &str, of: &str, value: f64) {
        until(async || self.metric(name).await.get(of) == Some(&value)).await;
    }

    /// The last values of a metric, by projection and revision; a
    /// distribution gives its count.
    pub(crate) async fn metric(&self, name: &str) -> BTreeMap<String, f64> {
        let metric = self.receiver.wait_for_metric(name, DEADLINE);
        let points = metric.await.unwrap().points.into_iter();
        let points = points.map(|point| {
            let labels: Vec<String> = point
                .attributes
                .iter()
                .filter(|(name, _)| name.starts_with("es.projection"))
                .map(|(_, value)| match value {
                    Value::Str(text) => text.clone(),
                    Value::Int(number) => number.to_string(),
                    other => panic!("{other:?}"),
                })
                .collect();
            let value = match point.value {
                Number::Int(value) => value as f64,
                Number::Double(value) => value,
                Number::Distribution { count, .. } => count as f64,
            };
            (labels.join("/"), value)
        });
        points.collect()
    }
}

pub(crate) fn text<'a>(span: &'a Span, name: &str) -> Option<&'a str> {
    match span.attributes.get(name)? {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

pub(crate) fn whole(span: &Span, name: &str) -> Option<i64> {
    match span.attributes.get(name)? {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

pub(crate) fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}
