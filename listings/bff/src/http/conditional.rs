//! Answers that a client may have already.

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse, Response},
};

use crate::cache::Page;

// ANCHOR: conditional
/// The page, or 304 if the client has just these bytes.
///
/// `private` keeps it out of shared caches, `no-cache` lets the client's own
/// ask each time: a 304 costs a round trip and no bytes.
pub(super) fn respond(page: Page, headers: &HeaderMap) -> Response {
    let validators = [
        (ETAG, page.etag.clone()),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (VARY, HeaderValue::from_static("Cookie")),
    ];
    if has(headers, &page.etag) {
        return (StatusCode::NOT_MODIFIED, validators).into_response();
    }
    let json = [(CONTENT_TYPE, "application/json")];
    (validators, json, page.body).into_response()
}

/// Whether `If-None-Match` names the tag (RFC 9110, 13.1.2: a weak tag will
/// do).
fn has(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter();
    known.filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').map(str::trim).any(|tag| {
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == *etag
        })
    })
}
// ANCHOR_END: conditional
