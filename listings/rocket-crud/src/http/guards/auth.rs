//! Who calls, how often, and what they may do.

use rocket::{
    Request, get,
    request::{FromRequest, Outcome},
    serde::json::Json,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::RateLimits;
use crate::{
    http::{Problem, kinds},
    settings::{ApiKeys, Caller, Role},
};

/// A caller with a valid key, who does not call too often.
#[derive(Clone, Debug)]
pub struct AuthUser(pub Caller);

/// One who may do everything.
#[derive(Clone, Debug)]
pub struct AdminUser(pub Caller);

// ANCHOR: auth-user
#[rocket::async_trait]
impl<'r> FromRequest<'r> for AuthUser {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        // Guards run again in each route that a request is passed on to. It
        // counts once.
        let admission = request.local_cache(|| Admission(admit(request)));
        match &admission.0 {
            Ok(caller) => Outcome::Success(Self(caller.clone())),
            Err(problem) => problem.clone().refuse(request),
        }
    }
}

/// Whether a request comes in, and as whose.
struct Admission(Result<Caller, Problem>);

fn admit(request: &Request<'_>) -> Result<Caller, Problem> {
    let caller = caller(request);
    if let Some(limits) = request.rocket().state::<RateLimits>() {
        limits.check(caller)?;
    }
    caller.cloned().ok_or_else(|| {
        Problem::new(&kinds::KEY_MISSING)
            .header("WWW-Authenticate", "Bearer".to_owned())
    })
}
// ANCHOR_END: auth-user

// ANCHOR: caller
/// Whose key the request has: `Authorization: Bearer KEY`.
fn caller<'r>(request: &'r Request<'_>) -> Option<&'r Caller> {
    let mut headers = request.headers().get("authorization");
    let (scheme, key) = headers.next()?.split_once(' ')?;
    let is_only = headers.next().is_none();
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    let keys = request.rocket().state::<ApiKeys>()?;
    keys.caller_of(key.trim()).filter(|_| is_only && is_bearer)
}
// ANCHOR_END: caller

// ANCHOR: admin-user
#[rocket::async_trait]
impl<'r> FromRequest<'r> for AdminUser {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match AuthUser::from_request(request).await {
            Outcome::Success(AuthUser(caller)) => match caller.role {
                Role::Admin => Outcome::Success(Self(caller)),
                Role::Member => Problem::new(&kinds::FORBIDDEN).refuse(request),
            },
            refused => refused.map(|AuthUser(caller)| Self(caller)),
        }
    }
}
// ANCHOR_END: admin-user

/// Who calls, as the service sees them.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub(in crate::http) struct Me {
    /// The name of the key.
    name: String,
    /// What the key may do.
    role: Role,
}

/// Tells callers who they are.
#[get("/me")]
pub(in crate::http) fn me(caller: AuthUser) -> Json<Me> {
    let AuthUser(Caller { name, role }) = caller;
    Json(Me {
        name: name.to_string(),
        role,
    })
}
