//! Which version of a user a request is about (RFC 9110, section 13).

use std::convert::Infallible;

use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::http::{Problem, kinds};

// ANCHOR: if-match
/// The version that a change is meant for: `If-Match: "3"`.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub i64);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IfMatch {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let mut headers = request.headers().get("if-match");
        match (headers.next(), headers.next()) {
            (None, _) => {
                Problem::new(&kinds::PRECONDITION_MISSING).refuse(request)
            }
            (Some(tag), None) => match version(tag) {
                Some(version) => Outcome::Success(Self(version)),
                None => {
                    Problem::new(&kinds::INVALID_PRECONDITION).refuse(request)
                }
            },
            _ => Problem::new(&kinds::INVALID_PRECONDITION).refuse(request),
        }
    }
}

/// `"3"` is 3.
fn version(tag: &str) -> Option<i64> {
    let digits = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    let version: i64 = digits.parse().ok()?;
    (version > 0 && version.to_string() == digits).then_some(version)
}
// ANCHOR_END: if-match

/// The tags of what the client has already: `If-None-Match: "3", "4"`.
#[derive(Clone, Debug, Default)]
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    /// Whether the client has what `tag` names.
    pub fn has(&self, tag: &str) -> bool {
        self.0.iter().any(|known| known == "*" || known == tag)
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IfNoneMatch {
    type Error = Infallible;

    async fn from_request(
        request: &'r Request<'_>,
    ) -> Outcome<Self, Infallible> {
        let headers = request.headers().get("if-none-match");
        let tags = headers.flat_map(|header| header.split(',')).map(|tag| {
            let tag = tag.trim();
            // Weak or not, it is the same to a client that only reads.
            tag.strip_prefix("W/").unwrap_or(tag).to_owned()
        });
        Outcome::Success(Self(tags.collect()))
    }
}
