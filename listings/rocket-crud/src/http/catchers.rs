//! Whatever goes wrong becomes a problem, and never a page of HTML.

use rocket::{Request, catch, http::Status};

use super::{Problem, problem};

// ANCHOR: catcher
/// What a guard has said of the error, or else what there is to say of the
/// status.
#[catch(default)]
pub(super) fn any(status: Status, request: &Request<'_>) -> Problem {
    problem::said(request, status).unwrap_or_else(|| Problem::of(status))
}
// ANCHOR_END: catcher
