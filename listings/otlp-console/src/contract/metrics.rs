//! Metrics: name, instrument, unit and dimensions.

use super::{
    attributes,
    check::Check,
    problem::{Problem, did_you_mean},
    registry::{MetricGroup, Registry},
    violation::Signal,
};
use crate::model::{Instrument, Metric, Value};

impl Registry {
    pub(super) fn metric_group(&self, metric: &Metric) -> Option<&MetricGroup> {
        self.metrics.iter().find(|group| group.name == metric.name)
    }
}

impl Check<'_> {
    pub(super) fn metrics(&mut self, metrics: &[Metric]) {
        for metric in metrics {
            let problems = match self.registry.metric_group(metric) {
                Some(group) => compare(metric, group),
                None => {
                    let names = self.registry.metrics.iter();
                    let names = names.map(|group| group.name.as_str());
                    let hint = did_you_mean(&metric.name, names);
                    vec![Problem::Unknown { hint }]
                }
            };
            let service = metric.origin.service();
            let title = format!("`{}` of {service}", metric.name);
            self.report(Signal::Metric, &title, problems);
        }
    }
}

fn compare(metric: &Metric, group: &MetricGroup) -> Vec<Problem> {
    let says = || format!("{} says", group.group.id);
    let mut problems = Vec::new();
    if metric.instrument != group.instrument {
        problems.push(Problem::Differs {
            property: "the instrument",
            found: instrument_name(metric.instrument).to_owned(),
            says: says(),
            declared: instrument_name(group.instrument).to_owned(),
        });
    }
    if metric.unit != group.unit {
        problems.push(Problem::Differs {
            property: "the unit",
            found: format!("`{}`", metric.unit),
            says: says(),
            declared: format!("`{}`", group.unit),
        });
    }
    for point in &metric.points {
        problems.extend(attributes::check(
            &point.attributes,
            &group.group,
            false,
        ));
        for (name, value) in &point.attributes {
            // Five digits there are a SQLSTATE, of which there are few.
            let is_code = name == "error.type";
            if let Value::Str(text) = value
                && looks_like_id(text)
                && !is_code
            {
                problems.push(Problem::IdOnMetric {
                    name: name.clone(),
                    value: text.clone(),
                });
            }
        }
    }
    problems
}

/// The registry's word for an instrument.
pub(super) fn instrument_name(instrument: Instrument) -> &'static str {
    match instrument {
        Instrument::Counter => "counter",
        Instrument::UpDownCounter => "updowncounter",
        Instrument::Gauge => "gauge",
        Instrument::Histogram => "histogram",
        Instrument::Summary => "summary",
    }
}

/// Whether a text is a UUID, a long hex number, or a number of five digits
/// and more, such as an order's.
fn looks_like_id(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let hex = text.chars().filter(char::is_ascii_hexdigit).count();
    let dashes = text.chars().filter(|c| *c == '-').count();
    let is_hex = hex + dashes == text.len() && hex >= 16;
    let is_number = digits == text.len() && digits >= 5;
    (is_hex && digits > 0) || is_number
}

/// Whether an attribute of this name has a value of its own for every
/// request, user or address.
pub(super) fn is_unbounded(name: &str) -> bool {
    const UNBOUNDED: [&str; 8] = [
        "client.address",
        "client.port",
        "network.peer.address",
        "network.peer.port",
        "url.full",
        "url.path",
        "url.query",
        "user_agent.original",
    ];
    let last = name.rsplit('.').next().unwrap_or(name);
    UNBOUNDED.contains(&name)
        || matches!(last, "id" | "uuid")
        || last.ends_with("_id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_other_values_are_told_apart() {
        for id in [
            "3fa85f64-5717-4562-b3fc-2c963f66afa6",
            "0af7651916cd43dd8448eb211c80319c",
            "10423",
        ] {
            assert!(looks_like_id(id), "{id}");
        }
        for value in ["GET", "/orders/{id}", "500", "1.1", "served", "deadbeef"]
        {
            assert!(!looks_like_id(value), "{value}");
        }
    }

    #[test]
    fn unbounded_names_are_known() {
        for name in ["url.full", "shop.order.id", "user_id"] {
            assert!(is_unbounded(name), "{name}");
        }
        for name in ["http.route", "shop.order.outcome", "shop.valid"] {
            assert!(!is_unbounded(name), "{name}");
        }
    }
}
