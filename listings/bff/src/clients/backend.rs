//! One backend, and how it is called.

// ANCHOR: imports
use std::{sync::Arc, time::Duration};

use reqwest::{
    Method, Request, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use telemetry::HttpClient;
use url::Url;

use super::{CallError, Caller, Hedging};
use crate::deadline;
// ANCHOR_END: imports

/// The largest answer that is read.
const LARGEST: usize = 1024 * 1024;

/// What to ask for: a path out of a small set, and a query.
#[derive(Clone, Debug)]
pub struct Call {
    path: &'static str,
    query: Vec<(&'static str, String)>,
}

impl Call {
    /// Asks for `path`.
    pub fn to(path: &'static str) -> Self {
        Self {
            path,
            query: Vec::new(),
        }
    }

    /// With `name=value` in the query.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }
}

/// A backend.
#[derive(Clone, Debug)]
pub struct Backend {
    name: &'static str,
    http: HttpClient,
    base: Url,
    hedging: Option<Arc<Hedging>>,
}

impl Backend {
    /// The backend `name` at `base`.
    pub fn new(
        name: &'static str,
        http: HttpClient,
        base: Url,
        hedging: Option<Arc<Hedging>>,
    ) -> Self {
        Self {
            name,
            http,
            base,
            hedging,
        }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

// ANCHOR: get
impl Backend {
    /// Reads. Reading twice does no harm, so it may be hedged.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        call: Call,
    ) -> Result<T, CallError> {
        let attempt = |resend| self.attempt(caller, &call, resend);
        let calling = async {
            match &self.hedging {
                Some(hedging) => hedging.run(caller.deadline, attempt).await,
                None => attempt(0).await,
            }
        };
        let answer = caller.timeline.note(self.name, calling).await;
        answer
            .and_then(|body| self.parse(&body))
            .inspect_err(|error| self.log(*error))
    }

    async fn attempt(
        &self,
        caller: &Caller,
        call: &Call,
        resend: u32,
    ) -> Result<Vec<u8>, CallError> {
        let request = self.request(Method::GET, caller, call)?;
        self.send(request, call.path, resend).await
    }
}
// ANCHOR_END: get

impl Backend {
    /// Changes something: once, and never hedged.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn patch<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        call: Call,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        let sending = async {
            let mut request = self.request(Method::PATCH, caller, &call)?;
            let json = serde_json::to_vec(body);
            *request.body_mut() =
                Some(json.map_err(|_| CallError::Garbage)?.into());
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            self.send(request, call.path, 0).await
        };
        let answer = sending.await.and_then(|body| self.parse(&body));
        answer.inspect_err(|error| self.log(*error))
    }
}

// ANCHOR: request
impl Backend {
    /// A request with the token, with what is left of the time, and with
    /// nothing else of the caller's.
    fn request(
        &self,
        method: Method,
        caller: &Caller,
        call: &Call,
    ) -> Result<Request, CallError> {
        let left = caller.deadline.milliseconds();
        let left = left.ok_or(CallError::TimedOut)?;
        let mut url = self.base.clone();
        url.set_path(call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = Request::new(method, url);
        *request.timeout_mut() = Some(Duration::from_millis(left));
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(deadline::HEADER, HeaderValue::from(left));
        if let Some(token) = &caller.token {
            let value = format!("Bearer {}", token.secret());
            let mut value = HeaderValue::try_from(value)
                .map_err(|_| CallError::Unauthorized)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(request)
    }
}
// ANCHOR_END: request

// ANCHOR: send
impl Backend {
    async fn send(
        &self,
        request: Request,
        path: &'static str,
        resend: u32,
    ) -> Result<Vec<u8>, CallError> {
        let sending = self.http.resend(request, path, resend);
        let response = sending.await.map_err(|error| failure(&error))?;
        match response.status().as_u16() {
            200 => read(response).await,
            401 => Err(CallError::Unauthorized),
            404 => Err(CallError::NotFound),
            // It has stopped, since nobody waits any longer.
            504 => Err(CallError::TimedOut),
            status => Err(CallError::Failed(status)),
        }
    }
}

/// Reads an answer up to its end or to what is too much.
async fn read(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    if response.content_length() > Some(LARGEST as u64) {
        return Err(CallError::TooLarge);
    }
    while let Some(chunk) =
        response.chunk().await.map_err(|error| failure(&error))?
    {
        if body.len() + chunk.len() > LARGEST {
            return Err(CallError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
// ANCHOR_END: send

fn failure(error: &reqwest::Error) -> CallError {
    match error.is_timeout() {
        true => CallError::TimedOut,
        false => CallError::Unreachable,
    }
}

impl Backend {
    fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, CallError> {
        serde_json::from_slice(body).map_err(|_| CallError::Garbage)
    }

    /// What the client can do nothing about is the operator's to know.
    fn log(&self, error: CallError) {
        if !matches!(error, CallError::NotFound | CallError::Unauthorized) {
            tracing::warn!(
                name: "backend.failed",
                { error.type = error.name(), bff.backend = self.name },
                "a backend gave no usable answer: {error}"
            );
        }
    }

    /// Whether it answers at all.
    pub(super) async fn is_live(&self, caller: &Caller) -> bool {
        let call = Call::to("/health/live");
        match self.request(Method::GET, caller, &call) {
            Ok(request) => self.send(request, call.path, 0).await.is_ok(),
            Err(_) => false,
        }
    }
}
