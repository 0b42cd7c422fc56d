//! The kinds of problems that there are.

use rocket::http::Status;

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The status of the answer.
    pub status: Status,
    /// What names it.
    pub uri: &'static str,
    /// What it means, for people.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($name:ident: $status:ident, $uri:literal, $title:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: Kind = Kind {
                status: Status::$status,
                uri: concat!("/problems/", $uri),
                title: $title,
            };
        )*

        /// All kinds.
        pub const ALL: &[&Kind] = &[$(&$name),*];
    };
}

kinds! {
    MALFORMED_REQUEST: BadRequest, "malformed-request",
        "The request is not valid HTTP.";
    MALFORMED_JSON: BadRequest, "malformed-json", "The body is not JSON.";
    INVALID_QUERY: BadRequest, "invalid-query",
        "A parameter of the query has a value that it cannot have.";
    INVALID_PRECONDITION: BadRequest, "invalid-precondition",
        "If-Match does not name one version.";
    KEY_MISSING: Unauthorized, "key-missing",
        "The request has no valid API key.";
    FORBIDDEN: Forbidden, "forbidden", "This key may not do that.";
    NO_SUCH_PAGE: NotFound, "no-such-page", "There is nothing here.";
    NO_SUCH_USER: NotFound, "no-such-user", "There is no such user.";
    METHOD_NOT_ALLOWED: MethodNotAllowed, "method-not-allowed",
        "This page does not know this method.";
    TAKEN: Conflict, "taken", "Somebody else has this handle or address.";
    CHANGED: PreconditionFailed, "changed",
        "The user has changed since this version.";
    BODY_TOO_LARGE: PayloadTooLarge, "body-too-large",
        "The body is too large.";
    NOT_JSON: UnsupportedMediaType, "not-json",
        "The body is not application/json.";
    INVALID_ID: UnprocessableEntity, "invalid-id",
        "The path does not hold the id of a user.";
    INVALID_USER: UnprocessableEntity, "invalid-user",
        "The body is not a user.";
    PRECONDITION_MISSING: PreconditionRequired, "precondition-missing",
        "If-Match has to say which version is meant.";
    TOO_MANY_REQUESTS: TooManyRequests, "too-many-requests",
        "This caller asks too often.";
    INTERNAL: InternalServerError, "internal",
        "Something is wrong here. It is not your fault.";
    DATABASE_UNAVAILABLE: ServiceUnavailable, "database-unavailable",
        "The users cannot be reached right now.";
}

/// The kind that says no more than `status`.
pub fn of(status: Status) -> &'static Kind {
    match status.code {
        400 => &MALFORMED_REQUEST,
        401 => &KEY_MISSING,
        403 => &FORBIDDEN,
        404 => &NO_SUCH_PAGE,
        405 => &METHOD_NOT_ALLOWED,
        413 => &BODY_TOO_LARGE,
        415 => &NOT_JSON,
        422 => &INVALID_ID,
        429 => &TOO_MANY_REQUESTS,
        503 => &DATABASE_UNAVAILABLE,
        _ => &INTERNAL,
    }
}
