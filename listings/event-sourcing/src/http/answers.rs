//! What answers have in common.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, LOCATION},
    },
    response::{IntoResponse, Response},
};

use crate::bank::Reply;

/// A version as an entity tag. Strong: a version never changes.
pub(super) fn etag(version: i64) -> HeaderValue {
    header(format!("\"{version}\""))
}

/// A text as the value of a header.
pub(super) fn header(text: String) -> HeaderValue {
    // Digits, ids and paths of ours: always a valid value.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

// ANCHOR: reply
impl IntoResponse for Reply {
    /// The body is sent as it is stored, so a repeated request gets the same
    /// bytes.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (ETAG, etag(self.version)),
        ];
        (status, headers, self.body).into_response()
    }
}

/// The answer to an account that has been opened: it also says where it is.
pub(super) fn created(reply: Reply) -> Response {
    let location = header(format!("/accounts/{}", reply.account));
    ([(LOCATION, location)], reply).into_response()
}
// ANCHOR_END: reply
