//! Log records: events by name, plain records by what they carry.

use super::{
    attributes,
    check::Check,
    file::Severity,
    problem::{Problem, did_you_mean},
    registry::{EventGroup, Registry},
    violation::Signal,
};
use crate::model::LogRecord;

impl Registry {
    pub(super) fn event_group(&self, log: &LogRecord) -> Option<&EventGroup> {
        self.events
            .iter()
            .find(|group| group.name == log.event_name)
    }
}

/// Whether the record is a message that nobody gave an event name.
///
/// `tracing` names such an event by its place in the source.
fn is_plain(log: &LogRecord) -> bool {
    log.event_name.is_empty() || log.event_name.starts_with("event ")
}

fn title(log: &LogRecord) -> String {
    let service = log.origin.service();
    if is_plain(log) {
        format!("record `{}` of {service}", log.body)
    } else {
        format!("event `{}` of {service}", log.event_name)
    }
}

impl Check<'_> {
    pub(super) fn logs(&mut self, logs: &[LogRecord]) {
        for log in logs {
            let mut problems = self.correlation(log);
            match self.registry.event_group(log) {
                Some(group) => problems.extend(event(log, group)),
                None if is_plain(log) => problems.extend(self.plain(log)),
                None => {
                    let names = self.registry.events.iter();
                    let names = names.map(|group| group.name.as_str());
                    problems.push(Problem::Unknown {
                        hint: did_you_mean(&log.event_name, names),
                    });
                }
            }
            self.report(Signal::Log, &title(log), problems);
        }
    }

    fn correlation(&self, log: &LogRecord) -> Vec<Problem> {
        match (log.trace_id, log.span_id) {
            (None, None) => Vec::new(),
            (Some(trace_id), Some(span_id)) => {
                if self.spans.contains_key(&(trace_id, span_id)) {
                    return Vec::new();
                }
                vec![Problem::UnknownSpan {
                    span_id: span_id.to_string(),
                }]
            }
            _ => vec![Problem::HalfATrace],
        }
    }

    /// A plain record may carry what the registry declares for any signal.
    fn plain(&self, log: &LogRecord) -> Vec<Problem> {
        let declared =
            || self.registry.groups().flat_map(|group| &group.attributes);
        log.attributes
            .iter()
            .filter_map(|(name, value)| {
                let found = declared().find(|it| it.covers(name));
                match found {
                    Some(found) => {
                        attributes::mismatch(name, value, found, "the registry")
                    }
                    None => Some(attributes::unknown(
                        name,
                        "the registry",
                        declared().map(|it| it.name.as_str()),
                    )),
                }
            })
            .collect()
    }
}

fn event(log: &LogRecord, group: &EventGroup) -> Vec<Problem> {
    let id = &group.group.id;
    let mut problems = attributes::check(&log.attributes, &group.group, false);
    if log.trace_id.is_none() && log.span_id.is_none() && !group.outside_trace {
        problems.push(Problem::NoTrace { group: id.clone() });
    }
    let severity = Severity::from_number(log.severity_number);
    if let Some(declared) = group.severity
        && severity != Some(declared)
    {
        problems.push(Problem::Differs {
            property: "severity",
            found: severity.map_or("unknown", Severity::as_str).to_owned(),
            says: format!("{id} says"),
            declared: declared.as_str().to_owned(),
        });
    }
    problems
}
