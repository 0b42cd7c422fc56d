//! Client spans and metrics for reqwest.

use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use opentelemetry::{
    Context, KeyValue,
    context::FutureExt,
    metrics::Histogram,
    trace::{SpanKind, Tracer},
};
use opentelemetry_http::HeaderInjector;
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::{
    attribute::{
        HTTP_REQUEST_RESEND_COUNT, SERVER_ADDRESS, SERVER_PORT, URL_FULL,
        URL_SCHEME, URL_TEMPLATE,
    },
    metric::HTTP_CLIENT_REQUEST_DURATION,
};
use reqwest::{Error, Request, Response, Url};

use crate::{
    exchange::{
        Exchange, duration_histogram, method, original_method, span_name,
        version,
    },
    propagation::Propagator,
    start::Telemetry,
};

// ANCHOR: http-client
/// A `reqwest::Client` that gives every request a client span and the headers
/// by which the other side joins the trace.
///
/// The span ends when the head of the response is there, as the conventions
/// advise for clients that may leave a body unread. Redirects that reqwest
/// follows by itself stay inside the one span. Both 4xx and 5xx are errors
/// here: the caller did not get what it asked for.
///
/// The timeout is the `reqwest::Client`'s; give it one.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: reqwest::Client,
    tracer: SdkTracer,
    propagator: Propagator,
    duration: Histogram<f64>,
}
// ANCHOR_END: http-client

impl HttpClient {
    pub(crate) fn new(telemetry: &Telemetry, client: reqwest::Client) -> Self {
        let meter = telemetry.meter("telemetry.http_client");
        Self {
            client,
            tracer: telemetry.tracer("telemetry.http_client"),
            propagator: Arc::clone(telemetry.propagator()),
            duration: duration_histogram(&meter, HTTP_CLIENT_REQUEST_DURATION),
        }
    }

    /// The client inside, to build requests with.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends `request` in a span named after `url_template`, the path with
    /// names in place of values: `/users/{id}`.
    ///
    /// # Errors
    /// What reqwest returns. A status of 4xx or 5xx is a response, not an
    /// error.
    pub async fn execute(
        &self,
        request: Request,
        url_template: &'static str,
    ) -> Result<Response, Error> {
        self.resend(request, url_template, 0).await
    }
}

// ANCHOR: http-client-execute
impl HttpClient {
    /// Sends `request` for the `count`th time after the first: a retry, or a
    /// second request beside one that takes long.
    ///
    /// # Errors
    /// As for [`execute`](Self::execute).
    pub async fn resend(
        &self,
        mut request: Request,
        url_template: &'static str,
        count: u32,
    ) -> Result<Response, Error> {
        let mut exchange = self.start(&request, url_template, count);
        self.inject(exchange.context(), request.headers_mut());
        let sending = self.client.execute(request);
        let result = sending.with_context(exchange.context().clone()).await;
        match &result {
            Ok(response) => {
                let status = response.status();
                let failed =
                    status.is_client_error() || status.is_server_error();
                exchange.respond(status, failed);
                if let Some(version) = version(response.version()) {
                    exchange.note(version);
                }
            }
            Err(error) => exchange.fail(error_type(error)),
        }
        exchange.end();
        result
    }
}
// ANCHOR_END: http-client-execute

impl HttpClient {
    /// Writes the context into the headers, and takes out what a caller may
    /// have copied there from another request.
    fn inject(&self, context: &Context, headers: &mut HeaderMap) {
        for field in self.propagator.fields() {
            if let Ok(name) = HeaderName::try_from(field) {
                headers.remove(name);
            }
        }
        self.propagator
            .inject_context(context, &mut HeaderInjector(headers));
    }
}

// ANCHOR: client-span
impl HttpClient {
    fn start(
        &self,
        request: &Request,
        url_template: &'static str,
        count: u32,
    ) -> Exchange {
        let url = request.url();
        let mut point = vec![
            method(request.method()),
            KeyValue::new(URL_SCHEME, url.scheme().to_owned()),
            KeyValue::new(URL_TEMPLATE, url_template),
        ];
        let host = url.host_str().unwrap_or_default().to_owned();
        point.push(KeyValue::new(SERVER_ADDRESS, host));
        let port = url.port_or_known_default().map(i64::from);
        point.extend(port.map(|port| KeyValue::new(SERVER_PORT, port)));

        let mut attributes = point.clone();
        attributes.push(KeyValue::new(URL_FULL, without_secrets(url)));
        attributes.extend(original_method(request.method()));
        let count = (count > 0).then_some(i64::from(count));
        attributes
            .extend(count.map(|c| KeyValue::new(HTTP_REQUEST_RESEND_COUNT, c)));
        let span = self
            .tracer
            .span_builder(span_name(request.method(), Some(url_template)))
            .with_kind(SpanKind::Client)
            .with_attributes(attributes);
        let parent = Context::current();
        Exchange::start(&self.tracer, &parent, span, &self.duration, point)
    }
}
// ANCHOR_END: client-span

/// The URL without user name, password, query and fragment.
fn without_secrets(url: &Url) -> String {
    let path = url.path();
    format!("{}{path}", url.origin().ascii_serialization())
}

/// A name for what went wrong, out of a small set.
fn error_type(error: &Error) -> &'static str {
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connect"
    } else if error.is_redirect() {
        "redirect"
    } else {
        "_OTHER"
    }
}
