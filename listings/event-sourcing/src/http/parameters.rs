//! Parameters of paths and queries, or a problem.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::problem::{Problem, kinds};

/// The one id in the path.
pub(super) struct Id(pub(super) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id))
            .map_err(|_| Problem::new(&kinds::MALFORMED_ID))
    }
}

/// The parameters of the query.
pub(super) struct Parameters<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S>
    for Parameters<T>
{
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(query)| Self(query)).map_err(|rejection| {
            Problem::new(&kinds::MALFORMED_QUERY).detail(rejection.body_text())
        })
    }
}

/// A number that has to be in a range, as a query says it.
pub(super) fn number(
    value: Option<i64>,
    default: i64,
    name: &str,
    (least, most): (i64, i64),
) -> Result<i64, Problem> {
    let value = value.unwrap_or(default);
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let detail = match most {
        i64::MAX => format!("{name} is {least} or more."),
        most => format!("{name} is between {least} and {most}."),
    };
    Err(Problem::new(&kinds::MALFORMED_QUERY).detail(detail))
}
