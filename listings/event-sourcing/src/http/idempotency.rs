//! The `Idempotency-Key` header, as in version 07 of the [draft].
//!
//! [draft]: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Serialize;
use uuid::{Uuid, fmt::Hyphenated};

use super::{
    App,
    problem::{Problem, kinds},
};
use crate::bank::RequestKey;

// ANCHOR: idempotency-key
/// The client's name for its request: a UUID, in quotes as the draft wants
/// it, or bare as most clients send it.
#[derive(Clone, Copy)]
pub(super) struct IdempotencyKey(Uuid);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(Problem::new(&kinds::KEY_MISSING));
        };
        let key = value.to_str().ok().and_then(|text| {
            let quoted = text.strip_prefix('"').map(|it| it.strip_suffix('"'));
            quoted.unwrap_or(Some(text))?.parse::<Hyphenated>().ok()
        });
        let malformed = || Problem::new(&kinds::KEY_MALFORMED);
        Ok(Self(key.ok_or_else(malformed)?.into_uuid()))
    }
}
// ANCHOR_END: idempotency-key

// ANCHOR: fingerprint
impl IdempotencyKey {
    /// The key, and what it stands for: where the request goes, what it is
    /// conditional on, and what it says. White space in the body and the
    /// order of its fields make no difference.
    pub(super) fn of_request(
        self,
        app: &App,
        place: &[&str],
        body: &impl Serialize,
    ) -> Result<RequestKey, Problem> {
        let body = serde_json::to_vec(body)
            .map_err(|error| super::errors::internal(&error))?;
        let mut parts: Vec<&[u8]> = vec![b"POST"];
        parts.extend(place.iter().map(|part| part.as_bytes()));
        parts.push(&body);
        let request_hash = app.vault.fingerprint(&parts);
        Ok(RequestKey::of_client(self.0, request_hash))
    }
}
// ANCHOR_END: fingerprint
