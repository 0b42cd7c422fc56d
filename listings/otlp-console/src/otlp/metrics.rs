//! `ExportMetricsServiceRequest` to metrics.

use super::{
    Arrival, Export, Rejected,
    attributes::{attributes, origin, resource},
};
use crate::model::{Instrument, Metric, Number, Origin, Point, Temporality};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::{
        ExportMetricsPartialSuccess, ExportMetricsServiceRequest,
        ExportMetricsServiceResponse,
    },
    common::v1::KeyValue,
    metrics::v1::{
        ExponentialHistogramDataPoint, HistogramDataPoint,
        Metric as ProtoMetric, NumberDataPoint, SummaryDataPoint, metric::Data,
        number_data_point::Value,
    },
};

/// `DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK` in metrics.proto.
const NO_RECORDED_VALUE: u32 = 1;

impl Export for ExportMetricsServiceRequest {
    type Response = ExportMetricsServiceResponse;
    const REJECTED_FIELD: &'static str = "rejectedDataPoints";

    fn unpack(self) -> (Arrival, Rejected) {
        let mut metrics = Vec::new();
        let mut rejected = Rejected::default();
        for sender in self.resource_metrics {
            let resource = resource(sender.resource, sender.schema_url);
            for scoped in sender.scope_metrics {
                let origin = origin(&resource, scoped.scope, scoped.schema_url);
                let read = scoped.metrics.into_iter();
                metrics.extend(
                    read.filter_map(|proto| {
                        metric(proto, &origin, &mut rejected)
                    }),
                );
            }
        }
        (
            Arrival {
                metrics,
                ..Arrival::default()
            },
            rejected,
        )
    }

    fn response(rejected: Rejected) -> Self::Response {
        ExportMetricsServiceResponse {
            partial_success: rejected.partial(
                |rejected_data_points, error_message| {
                    ExportMetricsPartialSuccess {
                        rejected_data_points,
                        error_message,
                    }
                },
            ),
        }
    }
}

fn metric(
    proto: ProtoMetric,
    origin: &Origin,
    rejected: &mut Rejected,
) -> Option<Metric> {
    let Some(data) = proto.data else {
        let reason = format!("metric {:?} has no readable data", proto.name);
        rejected.add(1, &reason);
        return None;
    };
    let (instrument, temporality) = describe(&data);
    let (points, unreadable) = match data {
        Data::Gauge(data) => read(data.data_points),
        Data::Sum(data) => read(data.data_points),
        Data::Histogram(data) => read(data.data_points),
        Data::ExponentialHistogram(data) => read(data.data_points),
        Data::Summary(data) => read(data.data_points),
    };
    if unreadable > 0 {
        let reason =
            format!("metric {:?}: a point without a number", proto.name);
        rejected.add(unreadable, &reason);
    }
    Some(Metric {
        name: proto.name,
        unit: proto.unit,
        description: proto.description,
        instrument,
        temporality,
        points,
        origin: origin.clone(),
    })
}

fn describe(data: &Data) -> (Instrument, Temporality) {
    let temporality = |number| match number {
        1 => Temporality::Delta,
        2 => Temporality::Cumulative,
        _ => Temporality::Unspecified,
    };
    match data {
        Data::Gauge(_) => (Instrument::Gauge, Temporality::Unspecified),
        Data::Summary(_) => (Instrument::Summary, Temporality::Unspecified),
        Data::Sum(sum) => {
            let instrument = match sum.is_monotonic {
                true => Instrument::Counter,
                false => Instrument::UpDownCounter,
            };
            (instrument, temporality(sum.aggregation_temporality))
        }
        Data::Histogram(data) => (
            Instrument::Histogram,
            temporality(data.aggregation_temporality),
        ),
        Data::ExponentialHistogram(data) => (
            Instrument::Histogram,
            temporality(data.aggregation_temporality),
        ),
    }
}

trait DataPoint {
    /// Bits of `DataPointFlags`.
    fn flags(&self) -> u32;

    /// The point, if it holds a number.
    fn point(self) -> Option<Point>;
}

/// The points with a value, and how many had none that could be read.
fn read<P: DataPoint>(points: Vec<P>) -> (Vec<Point>, usize) {
    let recorded = points
        .into_iter()
        .filter(|point| point.flags() & NO_RECORDED_VALUE == 0);
    let points: Vec<_> = recorded.map(P::point).collect();
    let sent = points.len();
    let points: Vec<_> = points.into_iter().flatten().collect();
    let unreadable = sent - points.len();
    (points, unreadable)
}

impl DataPoint for NumberDataPoint {
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
    fn flags(&self) -> u32 {
        self.flags
    }

    fn point(self) -> Option<Point> {
        Some(Point {
            attributes: attributes(self.attributes),
            value: Number::Distribution {
                count: self.count,
                sum: self.sum.unwrap_or_default(),
                bounds: self.explicit_bounds,
                buckets: self.bucket_counts,
            },
            exemplars: self.exemplars.len(),
        })
    }
}

impl DataPoint for ExponentialHistogramDataPoint {
    fn flags(&self) -> u32 {
        self.flags
    }

    fn point(self) -> Option<Point> {
        let exemplars = self.exemplars.len();
        let sum = self.sum.unwrap_or_default();
        Some(without_buckets(self.attributes, self.count, sum, exemplars))
    }
}

impl DataPoint for SummaryDataPoint {
    fn flags(&self) -> u32 {
        self.flags
    }

    fn point(self) -> Option<Point> {
        Some(without_buckets(self.attributes, self.count, self.sum, 0))
    }
}

fn without_buckets(
    pairs: Vec<KeyValue>,
    count: u64,
    sum: f64,
    exemplars: usize,
) -> Point {
    Point {
        attributes: attributes(pairs),
        value: Number::Distribution {
            count,
            sum,
            bounds: Vec::new(),
            buckets: Vec::new(),
        },
        exemplars,
    }
}
