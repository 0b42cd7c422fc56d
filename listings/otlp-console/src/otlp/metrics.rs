//! `ExportMetricsServiceRequest` to metrics.

mod points;

use super::{
    Export, Rejected,
    batch::Reader,
    schema::{self, Schema},
    wire::messages,
};
use crate::{
    limits::Limits,
    model::{Instrument, Metric, Origin, Point, Temporality},
};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::{
        ExportMetricsPartialSuccess, ExportMetricsServiceRequest,
        ExportMetricsServiceResponse,
    },
    metrics::v1::{
        ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint,
        SummaryDataPoint,
    },
};

/// `DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK` in metrics.proto.
const NO_RECORDED_VALUE: u32 = 1;

/// The fields of a metric that hold its points.
const DATA: [u32; 5] = [5, 7, 9, 10, 11];

impl Export for ExportMetricsServiceRequest {
    type Response = ExportMetricsServiceResponse;
    const REJECTED_FIELD: &'static str = "rejectedDataPoints";
    const SCHEMA: &'static Schema = &schema::METRICS;

    fn most(limits: &Limits) -> usize {
        limits.points
    }

    /// Its points; a metric without points takes room too.
    fn count(item: &[u8]) -> usize {
        let points = DATA.into_iter().flat_map(|kind| points(item, kind));
        points.count().max(1)
    }

    fn read(item: &[u8], origin: &Origin, reader: &mut Reader) {
        match reader.decode::<Head>(item, &schema::METRIC) {
            Ok(head) => metric(head, item, origin, reader),
            Err(reason) => {
                let reason = format!("a metric: {reason}");
                reader.reject(Self::count(item), &reason);
            }
        }
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

/// A metric without its points, which are read one at a time.
#[derive(Clone, PartialEq, prost::Message)]
struct Head {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    description: String,
    #[prost(string, tag = "3")]
    unit: String,
    #[prost(message, optional, tag = "5")]
    gauge: Option<Data>,
    #[prost(message, optional, tag = "7")]
    sum: Option<Data>,
    #[prost(message, optional, tag = "9")]
    histogram: Option<Data>,
    #[prost(message, optional, tag = "10")]
    exponential: Option<Data>,
    #[prost(message, optional, tag = "11")]
    summary: Option<Data>,
}

/// What the points of a metric have in common, whatever their kind.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Data {
    #[prost(int32, tag = "2")]
    temporality: i32,
    #[prost(bool, tag = "3")]
    is_monotonic: bool,
}

/// The bytes of each point in the field `kind` of a metric. What is cut off
/// was found when the metric around it was decoded.
fn points(metric: &[u8], kind: u32) -> impl Iterator<Item = &[u8]> {
    let data = messages(metric, kind).flatten();
    data.flat_map(|data| messages(data, 1).flatten())
}

fn metric(head: Head, bytes: &[u8], origin: &Origin, reader: &mut Reader) {
    use Instrument::{Counter, Gauge, Histogram, Summary, UpDownCounter};
    let data = [
        head.gauge,
        head.sum,
        head.histogram,
        head.exponential,
        head.summary,
    ];
    let found = DATA.into_iter().zip(data);
    let Some((kind, data)) =
        found.filter_map(|(k, d)| Some((k, d?))).next_back()
    else {
        let reason = format!("metric {:?} has no readable data", head.name);
        return reader.reject(1, &reason);
    };
    let (instrument, points) = match kind {
        5 => (Gauge, read::<NumberDataPoint>(bytes, kind, reader)),
        7 => {
            let sum = if data.is_monotonic {
                Counter
            } else {
                UpDownCounter
            };
            (sum, read::<NumberDataPoint>(bytes, kind, reader))
        }
        9 => (Histogram, read::<HistogramDataPoint>(bytes, kind, reader)),
        10 => {
            let read = read::<ExponentialHistogramDataPoint>;
            (Histogram, read(bytes, kind, reader))
        }
        _ => (Summary, read::<SummaryDataPoint>(bytes, kind, reader)),
    };
    let (points, unreadable) = points;
    if let Some((count, reason)) = unreadable {
        let reason = format!("metric {:?}: {reason}", head.name);
        reader.reject(count, &reason);
    }
    reader.batch.arrival.metrics.push(Metric {
        name: head.name,
        unit: head.unit,
        description: head.description,
        instrument,
        temporality: match data.temporality {
            1 => Temporality::Delta,
            2 => Temporality::Cumulative,
            _ => Temporality::Unspecified,
        },
        points,
        origin: origin.clone(),
    });
}

trait DataPoint: prost::Message + Default {
    const SCHEMA: &'static Schema;

    /// Bits of `DataPointFlags`.
    fn flags(&self) -> u32;

    /// The point, if it holds a number.
    fn point(self) -> Option<Point>;
}

/// How many points could not be read, and why not the first of them.
type Unreadable = Option<(usize, String)>;

/// The points with a value.
fn read<P: DataPoint>(
    metric: &[u8],
    kind: u32,
    reader: &mut Reader,
) -> (Vec<Point>, Unreadable) {
    let mut read = Vec::new();
    let mut unreadable: Unreadable = None;
    for bytes in points(metric, kind) {
        let point = match reader.decode::<P>(bytes, P::SCHEMA) {
            Ok(point) if point.flags() & NO_RECORDED_VALUE != 0 => continue,
            Ok(point) => point.point().ok_or("a point without a number"),
            Err(_) => Err("a point that cannot be read, or is too large"),
        };
        match point {
            Ok(point) => read.push(point),
            Err(reason) => {
                let known = unreadable.get_or_insert((0, reason.to_owned()));
                known.0 += 1;
            }
        }
    }
    (read, unreadable)
}
