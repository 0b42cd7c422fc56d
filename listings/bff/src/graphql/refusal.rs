//! Why an operation is not carried out at all.

use async_graphql::{Pos, ServerError};
use axum::http::StatusCode;

use super::fault;

/// A reason not to carry an operation out. Its code is stable: programs decide
/// by it.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `extensions.code`, and the reason in the metric.
    pub code: &'static str,
    /// The HTTP status. Where there is none, the request was well-formed and
    /// its document was not: how to say that depends on the media type.
    pub status: Option<StatusCode>,
    /// One sentence for people.
    pub message: &'static str,
}

macro_rules! refusals {
    ($($name:ident $status:expr, $message:literal)*) => {
        $(
            #[doc = $message]
            pub static $name: Refusal = Refusal {
                code: stringify!($name),
                status: $status,
                message: $message,
            };
        )*
    };
}

// ANCHOR: refusals
refusals! {
    MALFORMED_REQUEST Some(StatusCode::BAD_REQUEST),
        "The parameters are not those of a GraphQL request."
    BATCH_REFUSED Some(StatusCode::BAD_REQUEST),
        "One operation at a time."
    NOT_ACCEPTABLE Some(StatusCode::NOT_ACCEPTABLE),
        "Accept application/graphql-response+json or application/json."
    UNSUPPORTED_TYPE Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        "The body has to be application/json."
    ONLY_QUERIES Some(StatusCode::METHOD_NOT_ALLOWED),
        "GET is for queries. Use POST to change something."
    OPERATION_NOT_ALLOWED Some(StatusCode::BAD_REQUEST),
        "This operation is not on the list."
    PERSISTED_QUERY_NOT_FOUND Some(StatusCode::BAD_REQUEST),
        "No operation on the list has this hash."
    PERSISTED_QUERY_MISMATCH Some(StatusCode::BAD_REQUEST),
        "This is not the hash of this operation."
    NOT_GRAPHQL None, "The document is not GraphQL."
    NOT_VALID None, "The document does not fit the schema."
    NO_SUCH_OPERATION None,
        "The document has no such operation, or several and no name."
    VARIABLE_MISSING None, "A variable that is needed has no value."
    TOO_LONG None, "The document or its variables have over 1000 parts."
    TOO_MANY_VARIABLES None, "Variables are named at more than 100 places."
    TOO_DEEP None, "The fields are nested too deep."
    TOO_COMPLEX None, "The answer may have more than 200 objects."
    TOO_MANY_ALIASES None, "There are more than 15 aliases."
    TOO_MANY_ROOT_FIELDS None, "There are more than 10 fields at the root."
    TOO_MANY_DIRECTIVES None, "There are more than 50 directives."
    LIST_TOO_LONG None, "A list has more than 50 members."
    FRAGMENT_CYCLE None, "A fragment contains itself."
    SESSIONS_UNAVAILABLE Some(StatusCode::SERVICE_UNAVAILABLE),
        "Who is signed in cannot be found out now. Try again soon."
    TIMED_OUT Some(StatusCode::GATEWAY_TIMEOUT),
        "There was no answer in time."
}
// ANCHOR_END: refusals

/// The most errors that are told at a time.
const MOST: usize = 5;

/// A refusal, and what there is to say about it.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: &'static Refusal,
    /// For the client: at least one.
    pub errors: Vec<ServerError>,
}

impl Refused {
    /// With what the library found wrong.
    pub(super) fn because(
        refusal: &'static Refusal,
        mut errors: Vec<ServerError>,
    ) -> Self {
        errors.truncate(MOST);
        for error in &mut errors {
            fault::set_code(error, refusal.code);
        }
        Self { refusal, errors }
    }

    /// With the places in the document.
    pub(super) fn at(
        refusal: &'static Refusal,
        places: impl Iterator<Item = Pos>,
    ) -> Self {
        let mut error = ServerError::new(refusal.message, None);
        error.locations = places.collect();
        Self::because(refusal, vec![error])
    }
}

impl From<&'static Refusal> for Refused {
    fn from(refusal: &'static Refusal) -> Self {
        Self::at(refusal, std::iter::empty())
    }
}
