//! Requests to the identity provider: in time, without redirects, and with a
//! span each.

use std::time::Duration;

use axum::http::{self, HeaderValue};
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::{FutureExt, future::BoxFuture};
use oauth2::{
    AsyncHttpClient, HttpRequest, HttpResponse, RequestTokenError,
    basic::{BasicErrorResponse, BasicErrorResponseType},
};
use reqwest::{Request, Response, header::CONTENT_TYPE};
use telemetry::{HttpClient, Telemetry};
use url::{Url, form_urlencoded};

use super::ProviderError;
use crate::{deadline::Deadline, settings::SessionSettings};

/// The largest answer that is read.
const LARGEST: usize = 64 * 1024;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);

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
    pub(super) credentials: HeaderValue,
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
pub(super) fn sensitive(text: &str) -> HeaderValue {
    // What cannot be sent is refused by the provider, and not by us.
    let value = HeaderValue::try_from(text);
    let mut value = value.unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

// ANCHOR: exchange
/// The HTTP client that the crate gets: requests that end at the deadline.
pub(super) struct TokenClient<'a> {
    pub(super) exchange: &'a Exchange,
    pub(super) deadline: Deadline,
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
        let request =
            Request::try_from(request).map_err(|_| ProviderError::Garbage)?;
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

impl Exchange {
    pub(super) async fn execute(
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
pub(super) async fn read(
    mut response: Response,
) -> Result<Vec<u8>, ProviderError> {
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

fn failure(error: &reqwest::Error) -> ProviderError {
    match error.is_timeout() {
        true => ProviderError::TimedOut,
        false => ProviderError::Unreachable,
    }
}
