//! The few words that say what a span, a log or an event was about.

use crate::{
    model::{Event, LogRecord, Span, Status, Value},
    text::escaped,
};
use std::{
    collections::{BTreeSet, HashSet},
    sync::LazyLock,
};

/// First words of all attribute names in the semantic conventions. Names that
/// begin with another word are the program's own.
static STANDARD: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let names = include_str!("contract/semconv.tsv")
        .lines()
        .filter_map(|line| line.strip_prefix("attribute\t"));
    names
        .filter_map(|name| name.split(['.', '\t']).next())
        .collect()
});

/// Which attributes a tree shows behind a span, by name: the program's own,
/// and those that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) added: BTreeSet<String>,
    pub(crate) removed: BTreeSet<String>,
}

impl Shown {
    fn shows(&self, name: &str) -> bool {
        self.added.contains(name)
            || (is_own(name) && !self.removed.contains(name))
    }
}

/// Names without a dot come from bridges and macros, not from a contract.
fn is_own(name: &str) -> bool {
    name.split_once('.')
        .is_some_and(|(first, _)| !STANDARD.contains(first))
}

/// The words behind a span.
pub(crate) struct Detail {
    /// Status code, database, attributes, links.
    pub(crate) facts: Vec<String>,
    /// `ERROR` and its type; `None` when the span is no error.
    pub(crate) error: Option<String>,
}

impl Detail {
    pub(crate) fn new(span: &Span, shown: &Shown) -> Self {
        let text = |name| span.attributes.get(name).map(Value::to_string);
        let code = text("http.response.status_code");
        let error_type = text("error.type");
        let is_error = matches!(span.status, Status::Error(_));
        let mut facts = Vec::new();
        // An error's type is often the code: once is enough.
        if !(is_error && code == error_type) {
            facts.extend(code);
        }
        // Given up, and no error of anybody's.
        if !is_error {
            facts.extend(error_type.clone());
        }
        facts.extend(text("db.system.name"));
        let attributes = span.attributes.iter();
        let attributes = attributes.filter(|(name, _)| shown.shows(name));
        facts.extend(attributes.map(|(name, value)| format!("{name}={value}")));
        facts.extend(match span.links.len() {
            0 => None,
            1 => Some("→ 1 link".to_owned()),
            n => Some(format!("→ {n} links")),
        });
        for fact in &mut facts {
            *fact = escaped(fact).into_owned();
        }
        let error = is_error.then(|| {
            let kind = error_type.unwrap_or_default();
            escaped(format!("ERROR {kind}").trim_end()).into_owned()
        });
        Self { facts, error }
    }

    /// All words in one line.
    pub(crate) fn line(&self) -> String {
        let words = self.facts.iter().chain(&self.error);
        words.map(String::as_str).collect::<Vec<_>>().join("  ")
    }
}

/// The lowest severity number that means an error (logs data model).
const FIRST_ERROR: i32 = 17;

/// A log or an event in the line below its span.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Remark {
    /// Nanoseconds since the Unix epoch; first, because it is sorted by.
    pub(crate) time: u64,
    /// Level and message.
    pub(crate) text: String,
    /// Whether it tells of an error.
    pub(crate) is_error: bool,
    /// A log's place in the order of arrival; `None` for an event, which
    /// came with its span.
    pub(crate) arrival: Option<usize>,
}

impl Remark {
    pub(crate) fn log(log: &LogRecord, arrival: usize) -> Self {
        let message = match &log.body {
            Value::Empty => log.event_name.clone(),
            body => body.to_string(),
        };
        let text = format!("{} {message}", level(log));
        Self {
            time: log.time_unix_nano,
            text: escaped(text.trim_end()).into_owned(),
            is_error: log.severity_number >= FIRST_ERROR,
            arrival: Some(arrival),
        }
    }

    pub(crate) fn event(event: &Event) -> Self {
        Self {
            time: event.time_unix_nano,
            text: escaped(&format!("EVENT {}", event.name)).into_owned(),
            is_error: event.name == "exception",
            arrival: None,
        }
    }
}

/// The severity's short name (logs data model, "Displaying Severity"); the
/// sender's own word where it gave no number.
fn level(log: &LogRecord) -> &str {
    match log.severity_number {
        1..=4 => "TRACE",
        5..=8 => "DEBUG",
        9..=12 => "INFO",
        13..=16 => "WARN",
        17..=20 => "ERROR",
        21..=24 => "FATAL",
        _ if log.severity_text.is_empty() => "LOG",
        _ => &log.severity_text,
    }
}
