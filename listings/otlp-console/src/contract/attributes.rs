//! A set of received attributes against the attributes of a group.

use super::{
    file::{Condition, Level},
    problem::{Problem, did_you_mean, quoted},
    registry::{Attribute, Group},
    semconv::semconv,
    value_type::{Type, type_of},
};
use crate::model::{Attributes, Value};

/// What is wrong with `received` on an item of `group`; `failed` tells that
/// the item's status is Error.
pub(super) fn check(
    received: &Attributes,
    group: &Group,
    failed: bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in received {
        match group.attribute(name) {
            Some(declared) => {
                problems.extend(mismatch(name, value, declared, &group.id))
            }
            None => problems.push(unknown(
                name,
                &group.id,
                group.attributes.iter().map(|it| it.name.as_str()),
            )),
        }
    }
    for declared in &group.attributes {
        let conditional = declared.required_if == Some(Condition::Error);
        let when = match declared.level {
            Level::Required => "",
            _ if conditional && failed => " when the status is Error",
            _ => continue,
        };
        if !received.keys().any(|name| declared.covers(name)) {
            problems.push(Problem::Missing {
                name: declared.name.clone(),
                group: group.id.clone(),
                when,
            });
        }
    }
    problems
}

/// An attribute that is not among `known`, with the likeliest reason.
pub(super) fn unknown<'a>(
    name: &str,
    group: &str,
    known: impl Iterator<Item = &'a str>,
) -> Problem {
    let hint = match semconv().attribute(name) {
        Some(standard) if !standard.deprecated.is_empty() => format!(
            "; the semantic conventions dropped it: {}",
            standard.deprecated
        ),
        Some(_) => "; the semantic conventions have it, so a `ref` in the \
                    registry is enough if the program means to send it"
            .to_owned(),
        None => did_you_mean(name, known),
    };
    Problem::UnknownAttribute {
        name: name.to_owned(),
        group: group.to_owned(),
        hint,
    }
}

/// What is wrong with the value of a declared attribute.
pub(super) fn mismatch(
    name: &str,
    value: &Value,
    declared: &Attribute,
    group: &str,
) -> Option<Problem> {
    let value_type = declared.value_type.as_ref()?;
    if value_type.admits(value) {
        return None;
    }
    let (name, group) = (name.to_owned(), group.to_owned());
    Some(match value_type {
        Type::Members(_) => Problem::NotAMember {
            name,
            value: value.to_string(),
            members: quoted(value_type.members()),
            group,
        },
        _ => Problem::WrongType {
            name,
            found: type_of(value).to_owned(),
            declared: value_type.to_string(),
            group,
        },
    })
}
