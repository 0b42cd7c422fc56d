//! The headers of a request, for a propagator to read.

use opentelemetry::propagation::Extractor;
use rocket::http::HeaderMap;

/// Rocket has a header map of its own, which is not that of the crate `http`.
pub(super) struct HeaderCarrier<'a>(pub(super) &'a HeaderMap<'a>);

impl Extractor for HeaderCarrier<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get_one(name)
    }

    /// A strict propagator refuses a `traceparent` that is there twice.
    fn get_all(&self, name: &str) -> Option<Vec<&str>> {
        let values: Vec<&str> = self.0.get(name).collect();
        (!values.is_empty()).then_some(values)
    }

    fn keys(&self) -> Vec<&str> {
        // A propagator looks its own fields up, and asks for no others.
        Vec::new()
    }
}
