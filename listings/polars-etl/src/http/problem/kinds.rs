//! Every kind of problem that the API answers with.

use axum::http::StatusCode;

/// A kind of problem. Its URI is stable: programs decide by it.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The HTTP status.
    pub status: StatusCode,
    /// A URI reference that names the kind.
    pub uri: &'static str,
    /// One sentence for people.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($name:ident $status:ident $uri:literal $title:literal)*) => {
        $(
            #[doc = $title]
            pub static $name: Kind = Kind {
                status: StatusCode::$status,
                uri: concat!("/problems/", $uri),
                title: $title,
            };
        )*
    };
}

kinds! {
    MALFORMED_BODY BAD_REQUEST "malformed-body"
        "The body is not the JSON that this takes."
    UNSUPPORTED_TYPE UNSUPPORTED_MEDIA_TYPE "unsupported-type"
        "The body has to be application/json."
    BODY_TOO_LARGE PAYLOAD_TOO_LARGE "body-too-large"
        "The body is too large."
    BODY_TOO_SLOW REQUEST_TIMEOUT "body-too-slow"
        "The body did not arrive in time."
    INVALID_QUERY UNPROCESSABLE_ENTITY "invalid-query"
        "The query asks for what cannot be had."
    TOO_MANY_GROUPS UNPROCESSABLE_ENTITY "too-many-groups"
        "The query makes too many groups."
    NOT_ACCEPTABLE NOT_ACCEPTABLE "not-acceptable"
        "The answer is JSON, CSV or an Arrow stream."
    NO_RESULTS CONFLICT "no-results"
        "The pipeline has left no results yet."
    NO_SUCH_RUN NOT_FOUND "no-such-run"
        "There is no run of this name."
    NO_SUCH_PAGE NOT_FOUND "no-such-page"
        "There is nothing at this path."
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED "method-not-allowed"
        "This path does not take this method."
    BUSY SERVICE_UNAVAILABLE "busy"
        "Too many wait already. Ask again later."
    TIMED_OUT GATEWAY_TIMEOUT "timed-out"
        "The query took too long, and was stopped."
    INTERNAL INTERNAL_SERVER_ERROR "internal"
        "Something went wrong in here."
}
