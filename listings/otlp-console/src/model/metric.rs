//! Metrics and their points.

use super::{Attributes, Origin};

/// What a metric's points add up from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Instrument {
    /// A sum that only grows.
    Counter,
    /// A sum that goes both ways.
    UpDownCounter,
    /// A value at a time.
    Gauge,
    /// A distribution, in explicit or exponential buckets.
    Histogram,
    /// A distribution as quantiles; legacy.
    Summary,
}

/// Which time span the points of a metric cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Temporality {
    /// Not given, as for gauges.
    Unspecified,
    /// Since the last point.
    Delta,
    /// Since the start of the process.
    Cumulative,
}

/// The value of one point.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// An integer sum or gauge.
    Int(i64),
    /// A float sum or gauge.
    Double(f64),
    /// A distribution.
    Distribution {
        /// How many measurements.
        count: u64,
        /// Their sum, in the metric's unit, if it was recorded.
        sum: Option<f64>,
        /// The smallest measurement, if it was recorded.
        min: Option<f64>,
        /// The largest measurement, if it was recorded.
        max: Option<f64>,
        /// Upper bounds of the buckets; empty for exponential histograms.
        bounds: Vec<f64>,
        /// Measurements in each bucket; one more than bounds.
        buckets: Vec<u64>,
    },
}

/// One point of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The dimensions.
    pub attributes: Attributes,
    /// The value.
    pub value: Number,
    /// How many exemplars came along.
    pub exemplars: usize,
}

/// One metric with its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Name, such as `http.server.request.duration`.
    pub name: String,
    /// UCUM unit, such as `s` or `{order}`.
    pub unit: String,
    /// What it measures.
    pub description: String,
    /// What its points add up from.
    pub instrument: Instrument,
    /// Which time span they cover.
    pub temporality: Temporality,
    /// One point an attribute set.
    pub points: Vec<Point>,
    /// Who sent it.
    pub origin: Origin,
}
