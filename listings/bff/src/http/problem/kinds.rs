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

        /// All of them.
        pub static ALL: &[&Kind] = &[$(&$name),*];
    };
}

kinds! {
    MALFORMED_BODY BAD_REQUEST "malformed-body"
        "The body is not the JSON that this takes."
    NOT_SIGNED_IN UNAUTHORIZED "not-signed-in"
        "Nobody is signed in."
    LOGIN_REFUSED BAD_REQUEST "login-refused"
        "This sign-in cannot be finished. Begin again."
    FOREIGN_REQUEST FORBIDDEN "foreign-request"
        "This request may come from another site."
    NO_SUCH_PAGE NOT_FOUND "no-such-page"
        "There is nothing at this path."
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED "method-not-allowed"
        "This path does not take this method."
    UPLOAD_TIMED_OUT REQUEST_TIMEOUT "upload-timed-out"
        "The request did not arrive in time."
    BODY_TOO_LARGE PAYLOAD_TOO_LARGE "body-too-large"
        "The body is too large."
    UNSUPPORTED_TYPE UNSUPPORTED_MEDIA_TYPE "unsupported-type"
        "The body has to be application/json."
    TOO_MANY_OPERATIONS UNPROCESSABLE_ENTITY "too-many-operations"
        "There are more than 100 operations."
    INTERNAL INTERNAL_SERVER_ERROR "internal"
        "Something is wrong here."
    BACKEND_FAILED BAD_GATEWAY "backend-failed"
        "A service that this needs gave no usable answer."
    OVERLOADED SERVICE_UNAVAILABLE "overloaded"
        "There are too many requests. Try again soon."
    SESSIONS_AWAY SERVICE_UNAVAILABLE "sessions-away"
        "Nobody can tell now who is signed in. Try again soon."
    BACKEND_TIMED_OUT GATEWAY_TIMEOUT "backend-timed-out"
        "A service that this needs did not answer in time."
}
