//! The tables of metrics.

use super::{
    Field, KEY_VALUE,
    Kind::{
        Bool, Double, Doubles, Fixed64, Fixed64s, Int32, Items, Many, One,
        Signed64, Text, Uint32, Varints,
    },
    Schema, attributes, field, schema,
};
use crate::model::{Metric, Point};
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, summary_data_point::ValueAtQuantile,
};
use std::mem::size_of;

pub(crate) static METRIC: Schema = schema(
    size_of::<Metric>(),
    &[
        field(1, "name", Text),
        field(2, "description", Text),
        field(3, "unit", Text),
        field(5, "gauge", One(&NUMBERS)),
        field(7, "sum", One(&NUMBERS)),
        field(9, "histogram", One(&HISTOGRAM)),
        field(10, "exponentialHistogram", One(&EXPONENTIAL)),
        field(11, "summary", One(&SUMMARY)),
    ],
);

/// The points of a metric and what they have in common.
const fn points(of: &'static Schema) -> [Field; 3] {
    [
        field(1, "dataPoints", Items(of)),
        field(2, "aggregationTemporality", Int32),
        field(3, "isMonotonic", Bool),
    ]
}
static NUMBERS: Schema = schema(0, &points(&NUMBER_POINT));
static HISTOGRAM: Schema = schema(0, &points(&HISTOGRAM_POINT));
static EXPONENTIAL: Schema = schema(0, &points(&EXPONENTIAL_POINT));
static SUMMARY: Schema = schema(0, &points(&SUMMARY_POINT));

pub(crate) static NUMBER_POINT: Schema = schema(
    size_of::<Point>(),
    &[
        field(4, "asDouble", Double),
        field(5, "exemplars", Many(&EXEMPLAR)),
        field(6, "asInt", Signed64),
        attributes(7),
        field(8, "flags", Uint32),
    ],
);
pub(crate) static HISTOGRAM_POINT: Schema = schema(
    size_of::<Point>(),
    &[
        field(4, "count", Fixed64),
        field(5, "sum", Double),
        field(6, "bucketCounts", Fixed64s),
        field(7, "explicitBounds", Doubles),
        field(8, "exemplars", Many(&EXEMPLAR)),
        attributes(9),
        field(10, "flags", Uint32),
        field(11, "min", Double),
        field(12, "max", Double),
    ],
);
pub(crate) static EXPONENTIAL_POINT: Schema = schema(
    size_of::<Point>(),
    &[
        attributes(1),
        field(4, "count", Fixed64),
        field(5, "sum", Double),
        field(8, "positive", One(&BUCKETS)),
        field(9, "negative", One(&BUCKETS)),
        field(10, "flags", Uint32),
        field(11, "exemplars", Many(&EXEMPLAR)),
        field(12, "min", Double),
        field(13, "max", Double),
    ],
);
pub(crate) static SUMMARY_POINT: Schema = schema(
    size_of::<Point>(),
    &[
        field(4, "count", Fixed64),
        field(5, "sum", Double),
        field(6, "quantileValues", Many(&QUANTILE)),
        attributes(7),
        field(8, "flags", Uint32),
    ],
);
static BUCKETS: Schema = schema(0, &[field(2, "bucketCounts", Varints)]);
static QUANTILE: Schema = schema(size_of::<ValueAtQuantile>(), &[]);
static EXEMPLAR: Schema = schema(
    size_of::<Exemplar>(),
    &[field(7, "filteredAttributes", Many(&KEY_VALUE))],
);
