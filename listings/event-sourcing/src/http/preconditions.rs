//! The `If-Match` header (RFC 9110, section 13.1.1).

use std::fmt;

use axum::{
    extract::FromRequestParts,
    http::{header::IF_MATCH, request::Parts},
};

use super::problem::{Problem, kinds};
use crate::{domain::AccountId, store::EventStore};

/// A version that no account has.
const NEVER: i64 = -1;

// ANCHOR: if-match
/// Which versions of the account the client wants to change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IfMatch {
    /// The header is absent: whichever it is.
    Absent,
    /// `*`: whichever it is, if there is one.
    Any,
    /// One of these. A tag that is weak or not ours matches nothing, so it
    /// is not among them.
    OneOf(Vec<i64>),
}

impl IfMatch {
    /// The one version that the command has to find. Of several, the one
    /// that is there now: should it be gone a moment later, the command
    /// fails as it would have for one tag.
    pub(super) async fn version(
        &self,
        store: &EventStore,
        account: AccountId,
    ) -> Result<Option<i64>, Problem> {
        let Self::OneOf(versions) = self else {
            return Ok(None);
        };
        Ok(Some(match versions.as_slice() {
            [] => NEVER,
            [version] => *version,
            [first, ..] => {
                let there = store.head(account.0).await?.version;
                match versions.contains(&there) {
                    true => there,
                    false => *first,
                }
            }
        }))
    }
}
// ANCHOR_END: if-match

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Self, Problem> {
        let mut lines = Vec::new();
        for value in parts.headers.get_all(IF_MATCH) {
            let text = str::from_utf8(value.as_bytes());
            lines.push(text.map_err(|_| malformed())?);
        }
        match lines.is_empty() {
            true => Ok(Self::Absent),
            // Several lines are one list (RFC 9110, section 5.3).
            false => parse(&lines.join(",")).ok_or_else(malformed),
        }
    }
}

fn malformed() -> Problem {
    Problem::new(&kinds::MALFORMED_IF_MATCH)
        .detail("Write the ETag of an earlier answer, with its quotes.")
}

// ANCHOR: entity-tags
fn parse(text: &str) -> Option<IfMatch> {
    if text.trim_matches([' ', '\t']) == "*" {
        return Some(IfMatch::Any);
    }
    let (mut rest, mut tags, mut versions) = (text, 0, Vec::new());
    loop {
        // A comma too many is none (RFC 9110, section 5.6.1.2).
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return (tags > 0).then_some(IfMatch::OneOf(versions));
        }
        let strong = rest.strip_prefix("W/");
        let opaque = strong.unwrap_or(rest).strip_prefix('"')?;
        let (tag, behind) = opaque.split_once('"')?;
        if !tag.chars().all(|char| char == '!' || char > '"') {
            return None;
        }
        tags += 1;
        if strong.is_none() {
            versions.extend(version(tag));
        }
        rest = behind.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}
// ANCHOR_END: entity-tags

/// The version that a tag of ours names.
fn version(tag: &str) -> Option<i64> {
    let version: i64 = tag.parse().ok()?;
    (version > 0 && version.to_string() == tag).then_some(version)
}

impl fmt::Display for IfMatch {
    /// For fingerprints of requests: never change it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => Ok(()),
            Self::Any => f.write_str("*"),
            Self::OneOf(versions) => write!(f, "{versions:?}"),
        }
    }
}
