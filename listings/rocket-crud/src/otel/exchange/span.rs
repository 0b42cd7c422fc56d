//! The span of a request, from the moment in which it has a name.

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanKind, TraceContextExt, Tracer},
};
use opentelemetry_semantic_conventions::attribute::{
    HTTP_ROUTE, SERVER_ADDRESS, SERVER_PORT, URL_PATH,
};
use rocket::{Request, http::Method};

use super::Exchange;
use crate::otel::routes::Names;

// ANCHOR: enter
impl Exchange {
    /// The context to handle `request` in, as the route of these names. The
    /// first to ask starts the span; a later one gives it its own name.
    pub(in crate::otel) fn enter(
        &self,
        request: &Request<'_>,
        names: Option<Names>,
    ) -> Context {
        let mut so_far = self.so_far();
        let route = names.map(|names| names.route);
        so_far.route = route.or(so_far.route);
        if let Some(context) = &so_far.context {
            if let Some(route) = route {
                let span = context.span();
                span.update_name(self.span_name(names));
                span.set_attribute(KeyValue::new(HTTP_ROUTE, route));
            }
            return context.clone();
        }
        let context = self.start_span(names);
        if context.span().is_recording() {
            describe(request, &context);
        }
        so_far.context.insert(context).clone()
    }
}
// ANCHOR_END: enter

// ANCHOR: start-span
impl Exchange {
    /// With what a sampler may want to know. What costs memory waits until it
    /// has decided.
    fn start_span(&self, names: Option<Names>) -> Context {
        let mut attributes = Vec::with_capacity(3);
        attributes.extend(self.kind.attributes());
        let route = names.map(|names| names.route);
        attributes.extend(route.map(|r| KeyValue::new(HTTP_ROUTE, r)));
        let tracer = &self.instruments.tracer;
        let span = tracer
            .span_builder(self.span_name(names))
            .with_kind(SpanKind::Server)
            .with_start_time(self.started_at)
            .with_attributes(attributes);
        let span = tracer.build_with_context(span, &self.parent);
        self.parent.with_span(span)
    }

    fn span_name(&self, names: Option<Names>) -> &'static str {
        match (self.kind.method, names) {
            (None, _) => "HTTP",
            (Some(method), None) => method.as_str(),
            (Some(Method::Head), Some(names)) => names.head,
            (Some(_), Some(names)) => names.span,
        }
    }
}

fn describe(request: &Request<'_>, context: &Context) {
    let span = context.span();
    let path = request.uri().path().as_str().to_owned();
    span.set_attribute(KeyValue::new(URL_PATH, path));
    if let Some(host) = request.host() {
        let name = host.domain().as_str().trim_matches(['[', ']']).to_owned();
        span.set_attribute(KeyValue::new(SERVER_ADDRESS, name));
        if let Some(port) = host.port() {
            span.set_attribute(KeyValue::new(SERVER_PORT, i64::from(port)));
        }
    }
}
// ANCHOR_END: start-span
