//! Whether a request comes from the client that it names.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine, prelude::BASE64_STANDARD};
use url::{Url, form_urlencoded};

use super::Client;

impl Client {
    /// Whether the request carries the id and the secret (RFC 6749, 2.3.1).
    pub(super) fn sent(&self, headers: &HeaderMap) -> bool {
        credentials(headers).is_some_and(|(id, secret)| {
            id == self.id && self.secret.is(&secret)
        })
    }
}

impl Client {
    /// Where `asked` is, if it is the client's. Without an address that is
    /// agreed on, any port of this machine will do (RFC 8252, 7.3): nobody
    /// else's program can take a person's code there.
    pub(super) fn redirect_uri(&self, asked: &str) -> Option<Url> {
        let url: Url = asked.parse().ok()?;
        let is_ours = match &self.redirect_uri {
            Some(own) => own.as_str() == asked,
            None => {
                let port = url.port_or_known_default()?;
                asked == format!("http://127.0.0.1:{port}/auth/callback")
            }
        };
        is_ours.then_some(url)
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
