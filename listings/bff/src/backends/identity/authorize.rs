//! Where a person signs in.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::Identity;
use crate::backends::catalogue::{self, PERSONS};

/// What the client wants (RFC 6749, 4.1.1; RFC 7636, 4.3).
#[derive(Deserialize)]
pub(super) struct Ask {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    code_challenge: String,
    code_challenge_method: String,
    login_hint: Option<String>,
}

/// `GET /authorize`: signs in whoever `login_hint` names, or lets choose.
///
/// Nobody is sent to an address that is not the client's, not even with an
/// error: that would be an open redirect.
pub(super) async fn authorize(
    State(identity): State<Arc<Identity>>,
    Query(ask): Query<Ask>,
) -> Response {
    let client = &identity.client;
    let back = client.redirect_uri(&ask.redirect_uri);
    let Some(mut back) = back.filter(|_| ask.client_id == client.id) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    back.query_pairs_mut().append_pair("state", &ask.state);
    if ask.response_type != "code" || ask.code_challenge_method != "S256" {
        back.query_pairs_mut()
            .append_pair("error", "invalid_request");
        return Redirect::to(back.as_str()).into_response();
    }
    let Some(user) = ask.login_hint.as_deref().and_then(catalogue::user) else {
        return Html(choice(&ask)).into_response();
    };
    let mut grants = identity.grants();
    let code = grants.code(&user.id, &ask.code_challenge, &ask.redirect_uri);
    back.query_pairs_mut().append_pair("code", &code);
    Redirect::to(back.as_str()).into_response()
}

/// A page with a link a person.
fn choice(ask: &Ask) -> String {
    let link = |(id, name): &(&str, &str)| {
        let query = query(ask, id).replace('&', "&amp;");
        format!("<li><a href=\"/authorize?{query}\">{name}</a></li>")
    };
    let links: String = PERSONS.iter().map(link).collect();
    format!(
        "<!doctype html><html lang=\"en\"><title>Who are you?</title>\
         <h1>Who are you?</h1><ul>{links}</ul></html>"
    )
}

/// The same question again, about one person.
fn query(ask: &Ask, person: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", &ask.response_type)
        .append_pair("client_id", &ask.client_id)
        .append_pair("redirect_uri", &ask.redirect_uri)
        .append_pair("state", &ask.state)
        .append_pair("code_challenge", &ask.code_challenge)
        .append_pair("code_challenge_method", &ask.code_challenge_method)
        .append_pair("login_hint", person)
        .finish()
}
