//! Request bodies: JSON, exactly as documented, or a problem.

use std::{fmt, marker::PhantomData};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{
        HeaderMap,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::problem::{Problem, kinds};

// ANCHOR: json
/// A body that is a JSON object with the fields of `T`.
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(
        request: Request,
        state: &S,
    ) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(&kinds::UNSUPPORTED_TYPE));
        }
        let body = Bytes::from_request(request, state).await;
        parse(&body.unwrap_or_default())
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<Json<T>, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    object(&mut json)
        .and_then(|value| json.end().map(|()| Json(value)))
        .map_err(|error| {
            Problem::new(&kinds::MALFORMED_BODY).detail(error.to_string())
        })
}
// ANCHOR_END: json

/// `application/json`, in any case and with any parameters, in no coding.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else {
        return false;
    };
    let essence = value.to_str().unwrap_or_default().split(';').next();
    let coded = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let essence = essence.unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") && !coded
}

// ANCHOR: object
/// Reads a struct from a JSON object. By itself serde takes an array of the
/// fields as well, and nobody would have documented that.
pub(super) fn object<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(Object(PhantomData))
}
// ANCHOR_END: object
