//! Requests to the identity provider: in time, without redirects, and with a
//! span each.

// ANCHOR: imports
use std::time::Duration;

use axum::http::{self, HeaderValue};
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::{FutureExt, future::BoxFuture};
use oauth2::{
    AsyncHttpClient, HttpRequest, HttpResponse, RequestTokenError,
    basic::{BasicErrorResponse, BasicErrorResponseType},
};
use reqwest::{
    Method, Request, Response,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::Deserialize;
use telemetry::{HttpClient, Telemetry};
use url::{Url, form_urlencoded};

use crate::{clients::Token, deadline::Deadline, settings::SessionSettings};
// ANCHOR_END: imports

/// The largest answer that is read.
const LARGEST: usize = 64 * 1024;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);

// ANCHOR: provider-error
/// Why the identity provider gave nothing. No variant holds what it sent,
/// for that may be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Not in time.
    #[error("no answer in time")]
    TimedOut,
    /// It cannot be reached, or broke off.
    #[error("not reachable")]
    Unreachable,
    /// It does not take the code or the token.
    #[error("the code or token is not accepted")]
    Refused,
    /// It answers something else than OAuth says.
    #[error("an answer that makes no sense")]
    Garbage,
}

impl ProviderError {
    /// A name out of a small set, for spans, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimedOut => "timeout",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Garbage => "garbage",
        }
    }
}
// ANCHOR_END: provider-error

/// What the crate says went wrong, without the text that it has kept.
pub(super) fn error(
    error: RequestTokenError<ProviderError, BasicErrorResponse>,
) -> ProviderError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(answer)
            if *answer.error() == BasicErrorResponseType::InvalidGrant =>
        {
            ProviderError::Refused
        }
        _ => ProviderError::Garbage,
    }
}

/// The way to the provider.
pub(super) struct Exchange {
    http: HttpClient,
    base: Url,
    credentials: HeaderValue,
}

impl Exchange {
    pub(super) fn new(
        telemetry: &Telemetry,
        settings: &SessionSettings,
    ) -> Result<Self, reqwest::Error> {
        // A redirect would carry our secret to wherever it points.
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let part = |text: &str| -> String {
            form_urlencoded::byte_serialize(text.as_bytes()).collect()
        };
        let id = part(&settings.client_id);
        let secret = part(settings.client_secret.secret());
        let basic = BASE64_STANDARD.encode(format!("{id}:{secret}"));
        Ok(Self {
            http: telemetry.http_client(client),
            base: settings.identity.clone(),
            credentials: sensitive(&format!("Basic {basic}")),
        })
    }

    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }
}

/// A header value that no `Debug` shows.
fn sensitive(text: &str) -> HeaderValue {
    // What cannot be sent is refused by the provider, and not by us.
    let value = HeaderValue::try_from(text);
    let mut value = value.unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

// ANCHOR: exchange
/// The HTTP client that the crate gets: requests that end at the deadline.
pub(super) struct TokenClient<'a> {
    exchange: &'a Exchange,
    deadline: Deadline,
}

impl Exchange {
    pub(super) fn until(&self, deadline: Deadline) -> TokenClient<'_> {
        TokenClient {
            exchange: self,
            deadline,
        }
    }
}

impl<'c> AsyncHttpClient<'c> for TokenClient<'_> {
    type Error = ProviderError;
    type Future = BoxFuture<'c, Result<HttpResponse, ProviderError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.send(request).boxed()
    }
}

impl TokenClient<'_> {
    async fn send(
        &self,
        request: HttpRequest,
    ) -> Result<HttpResponse, ProviderError> {
        let request = Request::try_from(request);
        let request = request.map_err(|_| ProviderError::Garbage)?;
        let sending = self.exchange.execute(request, "/token", self.deadline);
        let response = sending.await?;
        let mut answer = http::Response::builder().status(response.status());
        if let Some(kind) = response.headers().get(CONTENT_TYPE) {
            answer = answer.header(CONTENT_TYPE, kind);
        }
        let body = read(response).await?;
        answer.body(body).map_err(|_| ProviderError::Garbage)
    }
}
// ANCHOR_END: exchange

// ANCHOR: execute
impl Exchange {
    async fn execute(
        &self,
        mut request: Request,
        path: &'static str,
        deadline: Deadline,
    ) -> Result<Response, ProviderError> {
        *request.timeout_mut() = Some(deadline.remaining());
        let sending = self.http.execute(request, path);
        sending.await.map_err(|error| failure(&error))
    }
}

/// Reads an answer up to its end or to what is too much.
async fn read(mut response: Response) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| failure(&error))?
    {
        if body.len() + chunk.len() > LARGEST {
            return Err(ProviderError::Garbage);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
// ANCHOR_END: execute

fn failure(error: &reqwest::Error) -> ProviderError {
    match error.is_timeout() {
        true => ProviderError::TimedOut,
        false => ProviderError::Unreachable,
    }
}

/// What `/userinfo` says; there may be more, which is not ours to know.
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
}

// ANCHOR: userinfo
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
// ANCHOR_END: userinfo
