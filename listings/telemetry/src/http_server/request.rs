//! What a received request says about itself.

use std::sync::Arc;

use axum::extract::MatchedPath;
use http::{Method, Request, header::HOST, uri::Authority};
use opentelemetry::{
    Context, KeyValue,
    metrics::UpDownCounter,
    trace::{SpanKind, Tracer},
};
use opentelemetry_semantic_conventions::attribute::{
    HTTP_ROUTE, SERVER_ADDRESS, SERVER_PORT, URL_PATH, URL_SCHEME,
};

use super::Instruments;
use crate::{
    exchange::{Exchange, method, original_method, span_name, version},
    propagation::HeaderCarrier,
};

/// A request that is being handled.
#[derive(Debug)]
pub(super) struct Handling {
    pub(super) exchange: Exchange,
    pub(super) is_head: bool,
    _active: Active,
}

impl Handling {
    pub(super) fn context(&self) -> &Context {
        self.exchange.context()
    }
}

// ANCHOR: server-span
impl Instruments {
    /// Starts the server span as a child of the caller's span, if the request
    /// names one.
    pub(super) fn start<B>(self: &Arc<Self>, request: &Request<B>) -> Handling {
        let route = request.extensions().get().map(MatchedPath::as_str);
        let name = span_name(request.method(), route);
        let route =
            route.map(|route| KeyValue::new(HTTP_ROUTE, route.to_owned()));

        let active = vec![method(request.method()), scheme(request)];
        let mut point = active.clone();
        point.extend(route);
        point.extend(version(request.version()));

        let mut attributes = point.clone();
        attributes.push(path(request));
        attributes.extend(original_method(request.method()));
        attributes.extend(server(request));

        let span = self
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes);
        Handling {
            exchange: Exchange::start(
                &self.tracer,
                &self.parent(request),
                span,
                &self.duration,
                point,
            ),
            is_head: request.method() == Method::HEAD,
            _active: Active::new(&self.active, active),
        }
    }
}
// ANCHOR_END: server-span

impl Instruments {
    fn parent<B>(&self, request: &Request<B>) -> Context {
        let headers = HeaderCarrier(request.headers());
        self.propagator
            .extract_with_context(&Context::new(), &headers)
    }
}

fn path<B>(request: &Request<B>) -> KeyValue {
    KeyValue::new(URL_PATH, request.uri().path().to_owned())
}

fn scheme<B>(request: &Request<B>) -> KeyValue {
    let scheme = match request.uri().scheme_str() {
        Some("https") => "https",
        _ => "http",
    };
    KeyValue::new(URL_SCHEME, scheme)
}

/// The host and port that the client asked for: HTTP/2 has them in the URI,
/// HTTP/1.1 in the Host header.
fn server<B>(request: &Request<B>) -> Vec<KeyValue> {
    let from_header = || {
        let host = request.headers().get(HOST)?;
        host.to_str().ok()?.parse::<Authority>().ok()
    };
    let authority = request.uri().authority().cloned().or_else(from_header);
    let Some(authority) = authority else {
        return Vec::new();
    };
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let port = authority.port_u16().map(i64::from);
    let mut attributes = vec![KeyValue::new(SERVER_ADDRESS, host)];
    attributes.extend(port.map(|port| KeyValue::new(SERVER_PORT, port)));
    attributes
}

/// Counts a request among the active ones for as long as it lives.
#[derive(Debug)]
struct Active {
    counter: UpDownCounter<i64>,
    attributes: Vec<KeyValue>,
}

impl Active {
    fn new(counter: &UpDownCounter<i64>, attributes: Vec<KeyValue>) -> Self {
        counter.add(1, &attributes);
        Self {
            counter: counter.clone(),
            attributes,
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.counter.add(-1, &self.attributes);
    }
}
