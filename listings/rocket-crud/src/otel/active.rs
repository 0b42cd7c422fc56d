//! How many requests are under way.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use opentelemetry::{KeyValue, metrics::Meter};
use opentelemetry_semantic_conventions::{
    attribute::{HTTP_REQUEST_METHOD, URL_SCHEME},
    metric::HTTP_SERVER_ACTIVE_REQUESTS,
};
use rocket::http::Method;

/// What a method is called that Rocket does not know.
const OTHER: &str = "_OTHER";

const METHODS: [Option<Method>; 10] = [
    None,
    Some(Method::Get),
    Some(Method::Put),
    Some(Method::Post),
    Some(Method::Delete),
    Some(Method::Options),
    Some(Method::Head),
    Some(Method::Trace),
    Some(Method::Connect),
    Some(Method::Patch),
];

// ANCHOR: active
/// Two counts for each kind of request. They are read when metrics are
/// collected, so that a request adds to a number and looks nothing up.
#[derive(Debug, Default)]
pub(super) struct Active([[Count; METHODS.len()]; 2]);

#[derive(Debug, Default)]
struct Count {
    begun: AtomicI64,
    ended: AtomicI64,
}
// ANCHOR_END: active

/// What tells requests apart while they are active.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// `None` stands for one that Rocket does not know.
    pub(super) method: Option<Method>,
    pub(super) is_tls: bool,
}

impl Kind {
    pub(super) fn attributes(self) -> [KeyValue; 2] {
        let method = self.method.map_or(OTHER, Method::as_str);
        let scheme = if self.is_tls { "https" } else { "http" };
        [
            KeyValue::new(HTTP_REQUEST_METHOD, method),
            KeyValue::new(URL_SCHEME, scheme),
        ]
    }
}

impl Active {
    pub(super) fn observed_by(meter: &Meter) -> Arc<Self> {
        let active = Arc::<Self>::default();
        let counts = Arc::clone(&active);
        meter
            .i64_observable_up_down_counter(HTTP_SERVER_ACTIVE_REQUESTS)
            .with_unit("{request}")
            .with_callback(move |observer| {
                for (kind, number) in counts.seen() {
                    observer.observe(number, &kind.attributes());
                }
            })
            .build();
        active
    }

    pub(super) fn begin(&self, kind: Kind) {
        self.count(kind).begun.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self, kind: Kind) {
        self.count(kind).ended.fetch_add(1, Ordering::Release);
    }

    fn count(&self, kind: Kind) -> &Count {
        let method = METHODS.iter().position(|own| *own == kind.method);
        &self.0[usize::from(kind.is_tls)][method.unwrap_or_default()]
    }

    /// The kinds of which there ever was one, and how many there are.
    fn seen(&self) -> impl Iterator<Item = (Kind, i64)> {
        let kinds = [false, true]
            .into_iter()
            .flat_map(|is_tls| METHODS.map(|method| Kind { method, is_tls }));
        kinds.filter_map(|kind| {
            let count = self.count(kind);
            // In this order: what has ended has begun.
            let ended = count.ended.load(Ordering::Acquire);
            let begun = count.begun.load(Ordering::Relaxed);
            (begun > 0).then(|| (kind, begun - ended))
        })
    }
}
