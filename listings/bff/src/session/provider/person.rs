//! Whose a token is, and the end of it.

use axum::http::HeaderValue;
use reqwest::{
    Method, Request,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    ProviderError,
    exchange::{Exchange, read, sensitive},
};
use crate::{clients::Token, deadline::Deadline};

/// What `/userinfo` says; there may be more, which is not ours to know.
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
}

impl Exchange {
    /// Whose token it is: `/userinfo` of OpenID Connect.
    pub(super) async fn subject(
        &self,
        token: &Token,
        deadline: Deadline,
    ) -> Result<String, ProviderError> {
        let mut request = Request::new(Method::GET, self.url("/userinfo"));
        let bearer = sensitive(&format!("Bearer {}", token.secret()));
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let response = self.execute(request, "/userinfo", deadline).await?;
        match response.status().as_u16() {
            200 => {
                let body = read(response).await?;
                let info = serde_json::from_slice(&body);
                info.map(|UserInfo { sub }| sub)
                    .map_err(|_| ProviderError::Garbage)
            }
            401 => Err(ProviderError::Refused),
            _ => Err(ProviderError::Garbage),
        }
    }
}

// ANCHOR: revoke
impl Exchange {
    /// Ends a token (RFC 7009). The crate can do that, too, but only where
    /// the provider is reached over TLS, which a sidecar may do for us.
    pub(super) async fn revoke(
        &self,
        token: &str,
        hint: &str,
        deadline: Deadline,
    ) -> Result<(), ProviderError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", hint)
            .finish();
        let mut request = Request::new(Method::POST, self.url("/revoke"));
        let kind = "application/x-www-form-urlencoded";
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(AUTHORIZATION, self.credentials.clone());
        *request.body_mut() = Some(form.into());
        let response = self.execute(request, "/revoke", deadline).await?;
        match response.status().is_success() {
            true => Ok(()),
            false => Err(ProviderError::Garbage),
        }
    }
}
// ANCHOR_END: revoke
