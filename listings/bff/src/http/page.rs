//! The page that shows the three clients side by side.

use axum::{
    Router,
    http::{
        HeaderName,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    routing::get,
};

// ANCHOR: page
/// Scripts and styles come from here and from nowhere else, and none is
/// written into the page, so none can be smuggled in.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type File = ([(HeaderName, &'static str); 3], &'static str);

const fn file(content_type: &'static str, text: &'static str) -> File {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text)
}

/// `GET /` and the two files that it needs. They are the same for everybody.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let html = include_str!("../../web/index.html");
    let script = include_str!("../../web/page.js");
    let style = include_str!("../../web/page.css");
    Router::new()
        .route("/", get(file("text/html; charset=utf-8", html)))
        .route("/page.js", get(file("text/javascript", script)))
        .route("/page.css", get(file("text/css", style)))
}
// ANCHOR_END: page
