//! The points of the five kinds of metrics.

use super::{
    super::{
        attributes::attributes,
        schema::{self, Schema},
    },
    DataPoint,
};
use crate::model::{Number, Point};
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint,
    SummaryDataPoint, number_data_point::Value,
};

impl DataPoint for NumberDataPoint {
    const SCHEMA: &'static Schema = &schema::NUMBER_POINT;

    fn flags(&self) -> u32 {
        self.flags
    }

    fn point(self) -> Option<Point> {
        let value = match self.value? {
            Value::AsInt(value) => Number::Int(value),
            Value::AsDouble(value) => Number::Double(value),
        };
        Some(Point {
            attributes: attributes(self.attributes),
            value,
            exemplars: self.exemplars.len(),
        })
    }
}

impl DataPoint for HistogramDataPoint {
    const SCHEMA: &'static Schema = &schema::HISTOGRAM_POINT;

    fn flags(&self) -> u32 {
        self.flags
    }

    fn point(self) -> Option<Point> {
        Some(Point {
            attributes: attributes(self.attributes),
            value: Number::Distribution {
                count: self.count,
                sum: self.sum,
                min: self.min,
                max: self.max,
                bounds: self.explicit_bounds,
                buckets: self.bucket_counts,
            },
            exemplars: self.exemplars.len(),
        })
    }
}

impl DataPoint for ExponentialHistogramDataPoint {
    const SCHEMA: &'static Schema = &schema::EXPONENTIAL_POINT;

    fn flags(&self) -> u32 {
        self.flags
    }

    fn point(self) -> Option<Point> {
        let value = without_buckets(self.count, self.sum, self.min, self.max);
        Some(Point {
            attributes: attributes(self.attributes),
            value,
            exemplars: self.exemplars.len(),
        })
    }
}

impl DataPoint for SummaryDataPoint {
    const SCHEMA: &'static Schema = &schema::SUMMARY_POINT;

    fn flags(&self) -> u32 {
        self.flags
    }

    fn point(self) -> Option<Point> {
        Some(Point {
            attributes: attributes(self.attributes),
            value: without_buckets(self.count, Some(self.sum), None, None),
            exemplars: 0,
        })
    }
}

fn without_buckets(
    count: u64,
    sum: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
) -> Number {
    Number::Distribution {
        count,
        sum,
        min,
        max,
        bounds: Vec::new(),
        buckets: Vec::new(),
    }
}
