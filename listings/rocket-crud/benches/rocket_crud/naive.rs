//! Tracing as tutorials do it: a span in `on_request`, ended in `on_response`,
//! with names and attributes that are made for each request.

use std::sync::{Arc, Mutex};

use opentelemetry::{
    Context, KeyValue,
    propagation::{Extractor, TextMapPropagator},
    trace::{Span, SpanKind, Tracer},
};
use opentelemetry_sdk::trace::{SdkTracer, Span as SdkSpan};
use rocket::{
    Data, Request, Response,
    fairing::{Fairing, Info, Kind},
    http::HeaderMap,
};

pub(crate) struct NaiveFairing {
    pub(crate) tracer: SdkTracer,
    pub(crate) propagator: Arc<dyn TextMapPropagator + Send + Sync>,
}

struct Headers<'a>(&'a HeaderMap<'a>);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get_one(name)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|_| "").collect()
    }
}

struct Kept(Mutex<Option<SdkSpan>>);

#[rocket::async_trait]
impl Fairing for NaiveFairing {
    fn info(&self) -> Info {
        Info {
            name: "naive",
            kind: Kind::Request | Kind::Response,
        }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let headers = Headers(request.headers());
        let parent = self
            .propagator
            .extract_with_context(&Context::new(), &headers);
        let mut span = self
            .tracer
            .span_builder(format!("{} {}", request.method(), request.uri()))
            .with_kind(SpanKind::Server)
            .start_with_context(&self.tracer, &parent);
        let method = request.method().to_string();
        span.set_attribute(KeyValue::new("http.request.method", method));
        let path = request.uri().path().to_string();
        span.set_attribute(KeyValue::new("url.path", path));
        span.set_attribute(KeyValue::new("url.scheme", "http".to_string()));
        if let Some(host) = request.host() {
            span.set_attribute(KeyValue::new(
                "server.address",
                host.to_string(),
            ));
        }
        request.local_cache(|| Kept(Mutex::new(Some(span))));
    }

    async fn on_response<'r>(
        &self,
        request: &'r Request<'_>,
        response: &mut Response<'r>,
    ) {
        let kept = request.local_cache(|| Kept(Mutex::new(None)));
        let span = kept.0.lock().unwrap().take();
        if let Some(mut span) = span {
            let route = request.route().map(|route| route.uri.to_string());
            let route = route.unwrap_or_default();
            span.set_attribute(KeyValue::new("http.route", route));
            let status = i64::from(response.status().code);
            span.set_attribute(KeyValue::new(
                "http.response.status_code",
                status,
            ));
            span.end();
        }
    }
}
