//! What comes out of a check.

use std::fmt;

use super::problem::Problem;

/// One difference between the contract and the telemetry or the registry.
///
/// Its `Display` is one sentence that names the item, what is wrong with it,
/// and what the registry says. `Debug` is the same, for that is what a failed
/// `assert_eq!` prints.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// What kind of item is wrong.
    pub signal: Signal,
    /// Which one: a span's name, kind and service, or a place in the registry.
    pub item: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What a [`Violation`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// The registry file itself.
    Registry,
    /// A resource.
    Resource,
    /// An instrumentation scope.
    Scope,
    /// A span.
    Span,
    /// A log record.
    Log,
    /// A metric.
    Metric,
}

/// Something that the registry declares and no test emitted.
///
/// A table made from the registry would list it all the same, so a test
/// should fail on it. `Debug` prints the same sentence as `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{group} declares {what}, but it was never emitted")]
pub struct Unseen {
    /// The id of the group.
    pub group: String,
    /// What was not there, such as ``attribute `error.type` ``.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.signal, self.item, self.problem)
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Violation {}

impl fmt::Debug for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registry => "registry",
            Self::Resource => "resource",
            Self::Scope => "scope",
            Self::Span => "span",
            Self::Log => "log",
            Self::Metric => "metric",
        })
    }
}
