//! What of a client's baggage travels on.

use axum::{extract::Request, middleware::Next, response::Response};
use opentelemetry::{
    Context, KeyValue,
    baggage::{Baggage, BaggageExt},
    context::FutureExt,
};

// ANCHOR: baggage
/// The keys that may come from outside. Each is for something that a backend
/// wants to know, and none says who somebody is.
const KEYS: [&str; 2] = ["app.version", "experiment"];

/// The longest value.
const LONGEST: usize = 32;

/// Lets a few keys with harmless values pass to the backends, and takes all
/// the rest away. Baggage is a header that every hop copies: without a list,
/// each client writes into the requests of each backend.
pub(super) async fn vet(request: Request, next: Next) -> Response {
    let context = Context::current();
    let baggage: Baggage = context
        .baggage()
        .iter()
        .filter(|(key, _)| KEYS.contains(&key.as_str()))
        .filter(|(_, (value, _))| is_harmless(value.as_str()))
        .map(|(key, (value, _))| KeyValue::new(key.clone(), value.clone()))
        .collect();
    let context = context.with_baggage(baggage);
    next.run(request).with_context(context).await
}

fn is_harmless(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    value.len() <= LONGEST && value.chars().all(is_plain)
}
// ANCHOR_END: baggage
