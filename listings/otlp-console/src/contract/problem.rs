//! What can be wrong with an item, in words.

use std::fmt;

/// What is wrong with an item.
///
/// `group` is always the id of the registry's group that was expected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each says what its fields are")]
pub enum Problem {
    // Names.
    /// Nothing in the registry has this name.
    #[error("is not in the registry{hint}")]
    Unknown { hint: String },
    /// The name is known, with another kind.
    #[error("is of another kind than the registry's {declared} ({group})")]
    WrongKind { declared: String, group: String },
    /// The name does not follow from the attributes.
    #[error(
        "has a name that does not follow the template `{template}`, which \
         makes `{expected}` of its attributes ({group})"
    )]
    NameOffTemplate {
        template: String,
        expected: String,
        group: String,
    },
    /// The name is not one of the few that may come out.
    #[error(
        "has a name of high cardinality: it is none of those that the \
         registry lists, {names} ({group})"
    )]
    NameNotListed { names: String, group: String },

    // Attributes.
    /// The group has no such attribute.
    #[error("has attribute `{name}`, which is not in {group}{hint}")]
    UnknownAttribute {
        name: String,
        group: String,
        hint: String,
    },
    /// The value is of another type.
    #[error("has {found} in `{name}`, which is {declared} in {group}")]
    WrongType {
        name: String,
        found: String,
        declared: String,
        group: String,
    },
    /// The value is not a member of the enumeration.
    #[error("has `{value}` in `{name}`, which is one of {members} in {group}")]
    NotAMember {
        name: String,
        value: String,
        members: String,
        group: String,
    },
    /// A required attribute is not there.
    #[error("lacks `{name}`, which {group} requires{when}")]
    Missing {
        name: String,
        group: String,
        when: &'static str,
    },

    // Relations between signals.
    /// The span has a parent that it must not have.
    #[error("has as parent {found}; the registry wants {wanted} ({group})")]
    WrongParent {
        found: String,
        wanted: String,
        group: String,
    },
    /// The span links to a span that it must not link to.
    #[error("links to {found}; the registry allows {allowed} ({group})")]
    WrongLink {
        found: String,
        allowed: String,
        group: String,
    },
    /// The span has an event that it must not have.
    #[error("has the span event `{event}`, which is not in {group}")]
    UnknownSpanEvent { event: String, group: String },
    /// The log record belongs to no trace.
    #[error(
        "has no trace and span id, so nobody finds it from its trace; \
         if that is meant, say `outside_trace: true` ({group})"
    )]
    NoTrace { group: String },
    /// The log record has one id of two.
    #[error("has only one of trace id and span id")]
    HalfATrace,
    /// The log record names a span that did not arrive.
    #[error("names span {span_id}, which was not received")]
    UnknownSpan { span_id: String },

    // Properties.
    /// A property has another value than declared.
    #[error("has {property} {found}; {says} {declared}")]
    Differs {
        property: &'static str,
        found: String,
        /// Who knows better, with the verb: `metric.orders says`.
        says: String,
        declared: String,
    },
    /// A metric attribute has a value that looks like an id.
    #[error(
        "has `{value}` in `{name}`: an id makes one time series for each \
         value, so it belongs on the span"
    )]
    IdOnMetric { name: String, value: String },

    // The registry itself.
    /// A `ref` that points nowhere.
    #[error(
        "refers to `{name}`, which neither this file nor the semantic \
         conventions define{hint}"
    )]
    UnknownRef { name: String, hint: String },
    /// A `ref` to a name that is going away.
    #[error("refers to `{name}`, which is deprecated: {note}")]
    DeprecatedRef { name: String, note: String },
    /// An own name in a namespace of the semantic conventions.
    #[error(
        "defines `{name}`, but the semantic conventions own the namespace \
         `{namespace}.`"
    )]
    ShadowsSemconv { name: String, namespace: String },
    /// An own name outside the guide's namespaces.
    #[error("defines `{name}`, which does not begin with {prefix}")]
    OutsidePrefix { name: String, prefix: String },
    /// Two definitions of one name.
    #[error("defines `{name}` a second time")]
    DefinedTwice { name: String },
    /// A definition that no group uses.
    #[error("defines `{name}`, but no group refers to it")]
    Unused { name: String },
    /// A definition without something that it needs.
    #[error("defines `{name}` without {what}")]
    Incomplete { name: String, what: &'static str },
    /// An example of another type.
    #[error("gives `{name}` the example {example}, which is not {declared}")]
    WrongExample {
        name: String,
        example: String,
        declared: String,
    },
    /// A metric with an attribute that has no bound.
    #[error(
        "puts `{name}` on a metric: each value makes a time series, and it \
         has no bound"
    )]
    UnboundedOnMetric { name: String },
    /// A group id that is not there.
    #[error("names group `{name}` in `{field}`, which is not there")]
    UnknownGroup { name: String, field: &'static str },
    /// No manifest, or one that names another version.
    #[error(
        "needs a manifest.yaml beside it that depends on {schema_url}; {found}"
    )]
    Manifest {
        schema_url: &'static str,
        found: String,
    },
}

/// Names in backticks, with commas.
pub(super) fn quoted<T: fmt::Display>(
    names: impl IntoIterator<Item = T>,
) -> String {
    let names: Vec<_> =
        names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// `; did you mean …` when one of the names is close, else nothing.
pub(super) fn did_you_mean<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let likeness = |known| strsim::normalized_damerau_levenshtein(name, known);
    let nearest = known
        .into_iter()
        .map(|known| (likeness(known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, nearest)) if likeness >= 0.7 => {
            format!("; did you mean `{nearest}`?")
        }
        _ => String::new(),
    }
}
