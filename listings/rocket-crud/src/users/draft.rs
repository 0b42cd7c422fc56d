//! What a client says of a user, before and after it has been checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

// ANCHOR: draft
/// A user as a client writes them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// 3 to 30 of `a` to `z`, `0` to `9` and `-`, first a letter.
    #[schema(min_length = 3, max_length = 30, pattern = "^[a-z][a-z0-9-]*$")]
    handle: String,
    /// 1 to 100 characters, without control characters, and without spaces
    /// at its ends.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\s\\x00-\\x1f\\x7f-\\x9f]\
                   ([^\\x00-\\x1f\\x7f-\\x9f]*\
                   [^\\s\\x00-\\x1f\\x7f-\\x9f])?$"
    )]
    name: String,
    /// At most 254 characters, with something on both sides of an `@`.
    #[schema(max_length = 254, format = "email")]
    email: String,
}

/// The fields of a user that have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFields {
    /// See [`Draft`].
    pub handle: String,
    /// See [`Draft`].
    pub name: String,
    /// See [`Draft`]. In lower case.
    pub email: String,
}

// ANCHOR_END: draft

// ANCHOR: fault
/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// A JSON pointer (RFC 6901) into the body.
    pub pointer: &'static str,
    /// What would be right, without what was sent.
    pub expected: &'static str,
}
// ANCHOR_END: fault

// ANCHOR: check
impl Draft {
    /// Checks all fields.
    ///
    /// # Errors
    /// Names every field that is wrong, not just the first.
    pub fn check(self) -> Result<UserFields, Vec<Fault>> {
        let rules = [
            (
                is_handle(&self.handle),
                "/handle",
                "3 to 30 of a-z, 0-9 and -, first a letter",
            ),
            (
                is_name(&self.name),
                "/name",
                "1 to 100 characters, no control characters, no spaces around",
            ),
            (
                is_email(&self.email),
                "/email",
                "an address such as ada@example.com",
            ),
        ];
        let faults: Vec<Fault> = rules
            .into_iter()
            .filter(|(is_right, ..)| !is_right)
            .map(|(_, pointer, expected)| Fault { pointer, expected })
            .collect();
        match faults.is_empty() {
            true => Ok(UserFields {
                handle: self.handle,
                name: self.name,
                email: self.email.to_lowercase(),
            }),
            false => Err(faults),
        }
    }
}
// ANCHOR_END: check

fn is_handle(text: &str) -> bool {
    let is_allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (3..=30).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(is_allowed)
}

fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.chars().count())
        && text.trim().len() == text.len()
        && !text.chars().any(char::is_control)
}

/// Only a mail that arrives proves an address. This keeps out what is none.
fn is_email(text: &str) -> bool {
    let is_allowed = |c: char| !c.is_whitespace() && !c.is_control();
    text.len() <= 254
        && text.chars().all(is_allowed)
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        })
}
