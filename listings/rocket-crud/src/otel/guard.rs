//! The context of a request, for those who ask for it.

use std::convert::Infallible;

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanContext, TraceContextExt, TraceId},
};
use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use super::exchange::Exchange;

// ANCHOR: trace-ctx
/// The context of the request. No handler needs it: what runs inside a handler
/// has the context anyway. It is for those who want to say more:
///
/// ```
/// # use rocket_crud::otel::TraceCtx;
/// #[rocket::get("/orders/<id>")]
/// fn order(id: u32, trace: TraceCtx) -> String {
///     trace.note(opentelemetry::KeyValue::new("shop.vip", id < 100));
///     format!("order {id}, trace {}", trace.trace_id())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct TraceCtx(Context);

impl TraceCtx {
    /// The context of `request`, for fairings, which run outside of it. Empty
    /// without an attached [`OtelFairing`](super::OtelFairing), and before the
    /// request has been routed.
    pub fn of(request: &Request<'_>) -> Self {
        let context = Exchange::begun(request).map(Exchange::context);
        Self(context.unwrap_or_default())
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for TraceCtx {
    type Error = Infallible;

    async fn from_request(
        request: &'r Request<'_>,
    ) -> Outcome<Self, Infallible> {
        Outcome::Success(Self::of(request))
    }
}
// ANCHOR_END: trace-ctx

impl TraceCtx {
    /// The trace of the request, to show to people.
    pub fn trace_id(&self) -> TraceId {
        self.span_context().trace_id()
    }

    /// The server span, to link to.
    pub fn span_context(&self) -> SpanContext {
        self.0.span().span_context().clone()
    }

    /// The context, to work in elsewhere.
    pub fn context(&self) -> &Context {
        &self.0
    }

    /// Adds an attribute to the server span.
    pub fn note(&self, attribute: KeyValue) {
        self.0.span().set_attribute(attribute);
    }
}
