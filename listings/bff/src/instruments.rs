//! The metrics by which one runs this program.

use opentelemetry::metrics::{Counter, Meter};
use telemetry::Telemetry;

/// All instruments of our own.
#[derive(Clone, Debug)]
pub struct Instruments {
    /// `bff.hedge`: second requests, by outcome.
    pub hedges: Counter<u64>,
    /// `bff.degraded`: parts that were left out of an answer.
    pub degraded: Counter<u64>,
    /// `bff.cache.requests`: questions to the cache, by result.
    pub cache: Counter<u64>,
    /// `bff.graphql.rejections`: operations not carried out, by reason.
    pub rejections: Counter<u64>,
    /// `bff.shed`: requests that were turned away.
    pub shed: Counter<u64>,
    /// `bff.sessions`: what becomes of sessions, by event.
    pub sessions: Counter<u64>,
}

impl Instruments {
    /// Instruments of `telemetry`.
    pub fn new(telemetry: &Telemetry) -> Self {
        let meter = telemetry.meter("bff");
        let counter = |name, unit, what| counter(&meter, name, unit, what);
        Self {
            hedges: counter(
                "bff.hedge",
                "{request}",
                "Second requests that were made or denied, by outcome.",
            ),
            degraded: counter(
                "bff.degraded",
                "{part}",
                "Parts that an answer had to do without.",
            ),
            cache: counter(
                "bff.cache.requests",
                "{request}",
                "Questions to the cache, by result.",
            ),
            rejections: counter(
                "bff.graphql.rejections",
                "{request}",
                "GraphQL requests that were not carried out, by reason.",
            ),
            shed: counter(
                "bff.shed",
                "{request}",
                "Requests that were turned away, for there were too many.",
            ),
            sessions: counter(
                "bff.sessions",
                "{session}",
                "Sessions that were started, refreshed, refused or ended.",
            ),
        }
    }
}

fn counter(
    meter: &Meter,
    name: &'static str,
    unit: &'static str,
    description: &'static str,
) -> Counter<u64> {
    meter
        .u64_counter(name)
        .with_unit(unit)
        .with_description(description)
        .build()
}
