//! No other site can make a browser change anything here.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header::ORIGIN},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    App,
    problem::{Problem, kinds},
};
use crate::session;

// ANCHOR: csrf
/// A header that only a script of ours can send: a form cannot, and a script
/// of another site would have to ask us first, and gets no answer.
const PROOF: &str = "x-csrf";

/// Where the request began, as the browser says.
const SITE: &str = "sec-fetch-site";

/// Turns away requests that come with a session, want to change something,
/// and may not be what the person wants.
pub(super) async fn guard(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let is_safe =
        [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if is_safe || !session::has_cookie(headers) || is_ours(headers, &app.origin)
    {
        return next.run(request).await;
    }
    Problem::new(&kinds::FOREIGN_REQUEST).into_response()
}

fn is_ours(headers: &HeaderMap, origin: &str) -> bool {
    let all = |name: &str, is_good: &dyn Fn(&[u8]) -> bool| {
        let values = headers.get_all(name).iter();
        values.map(|value| value.as_bytes()).all(is_good)
    };
    headers.contains_key(PROOF)
        && all(ORIGIN.as_str(), &|value| value == origin.as_bytes())
        && all(SITE, &|value| value == b"same-origin" || value == b"none")
}
// ANCHOR_END: csrf
