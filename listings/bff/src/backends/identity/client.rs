//! Whether a request comes from the client that it names.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine, prelude::BASE64_STANDARD};
use url::form_urlencoded;

use super::Client;

impl Client {
    /// Whether the request carries the id and the secret (RFC 6749, 2.3.1).
    pub(super) fn sent(&self, headers: &HeaderMap) -> bool {
        credentials(headers).is_some_and(|(id, secret)| {
            id == self.id && self.secret.is(&secret)
        })
    }
}

fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let decoded = BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id), decode(secret)))
}

/// Both parts are written as in a form, and then in base 64.
fn decode(text: &str) -> String {
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).collect()
}
