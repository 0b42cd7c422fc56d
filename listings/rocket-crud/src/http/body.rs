//! The body of a request, checked before the handler sees it.

use rocket::{
    Request,
    data::{Data, FromData, Limits, Outcome},
    http::{ContentType, Status},
};
use serde_json::error::Category;

use super::{Problem, kinds};
use crate::users::{Draft, UserFields};

/// The fields of a user, as the body has them: well-formed and valid.
#[derive(Debug)]
pub(super) struct ValidUser(pub UserFields);

// ANCHOR: data-guard
#[rocket::async_trait]
impl<'r> FromData<'r> for ValidUser {
    type Error = ();

    async fn from_data(
        request: &'r Request<'_>,
        data: Data<'r>,
    ) -> Outcome<'r, Self> {
        match read(request, data).await {
            Ok(fields) => Outcome::Success(Self(fields)),
            Err(problem) => Outcome::Error((problem.say(request), ())),
        }
    }
}

async fn read(
    request: &Request<'_>,
    data: Data<'_>,
) -> Result<UserFields, Problem> {
    if request.content_type() != Some(&ContentType::JSON) {
        return Err(Problem::new(&kinds::NOT_JSON));
    }
    let limit = request.limits().get("json").unwrap_or(Limits::JSON);
    let body = data.open(limit).into_bytes().await;
    // The client went away, or did not send what it said it would.
    let body = body.map_err(|_| Problem::of(Status::BadRequest))?;
    if !body.is_complete() {
        return Err(Problem::new(&kinds::BODY_TOO_LARGE));
    }
    let draft: Draft = serde_json::from_slice(&body).map_err(not_a_user)?;
    draft
        .check()
        .map_err(|faults| Problem::new(&kinds::INVALID_USER).errors(faults))
}
// ANCHOR_END: data-guard

fn not_a_user(error: serde_json::Error) -> Problem {
    let kind = match error.classify() {
        Category::Data => &kinds::INVALID_USER,
        _ => &kinds::MALFORMED_JSON,
    };
    Problem::new(kind).detail(error.to_string())
}
