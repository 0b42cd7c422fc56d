//! The two cookies.

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use cookie::{Cookie, SameSite, time::Duration};

use super::id::Id;

// ANCHOR: cookies
/// Browsers take a cookie of this name only over TLS, for all paths, and for
/// this host alone: no other host, and no page without TLS, can plant one.
pub(super) const SESSION: &str = "__Host-session";

/// Who is on the way to the identity provider and back.
pub(super) const LOGIN: &str = "__Host-login";

/// A cookie for the session. No other site's request carries it, and no
/// script sees it. It goes when the browser does, or when we say so.
pub(super) fn session_cookie(id: &Id) -> Option<HeaderValue> {
    value(Cookie::new(SESSION, id.text()), SameSite::Strict)
}

/// A cookie for the way. The way back begins at another site, and so this one
/// must be `Lax`; all it can do is finish one sign-in.
pub(super) fn login_cookie(
    id: &Id,
    lifetime: std::time::Duration,
) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(LOGIN, id.text());
    cookie.set_max_age(Duration::try_from(lifetime).ok());
    value(cookie, SameSite::Lax)
}

/// Takes a cookie away.
pub(super) fn without(name: &'static str) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(name, "");
    cookie.set_max_age(Duration::ZERO);
    value(cookie, SameSite::Strict)
}

fn value(mut cookie: Cookie<'_>, same_site: SameSite) -> Option<HeaderValue> {
    cookie.set_secure(true);
    cookie.set_http_only(true);
    cookie.set_same_site(same_site);
    cookie.set_path("/");
    HeaderValue::try_from(cookie.to_string()).ok()
}
// ANCHOR_END: cookies

/// The id in the cookie `name`. Two cookies of that name are none: one of
/// them is not ours, and which one, nobody can say.
pub(super) fn find(headers: &HeaderMap, name: &str) -> Option<Id> {
    let mut values = all(headers).filter(|cookie| cookie.name() == name);
    match (values.next(), values.next()) {
        (Some(cookie), None) => Id::parse(cookie.value()),
        _ => None,
    }
}

/// Whether any cookie of that name is there, good or not.
pub(super) fn has(headers: &HeaderMap, name: &str) -> bool {
    all(headers).any(|cookie| cookie.name() == name)
}

fn all(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let values = headers.get_all(COOKIE).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .flatten()
}
