//! Metrics in a line each.

use crate::{
    duration,
    model::{Metric, Number, Point},
    text::escaped,
};

/// A line for each point of the metric.
pub(super) fn lines(metric: &Metric) -> impl Iterator<Item = String> {
    metric.points.iter().map(|point| {
        let mut words = vec![
            "metric".to_owned(),
            metric.name.clone(),
            metric.origin.service().to_owned(),
        ];
        let attributes = point.attributes.iter();
        words.extend(attributes.map(|(name, value)| format!("{name}={value}")));
        words.push(value(point, &metric.unit));
        escaped(&words.join("  ")).into_owned()
    })
}

fn value(point: &Point, unit: &str) -> String {
    match &point.value {
        Number::Int(number) => with_unit(number.to_string(), unit),
        Number::Double(number) => quantity(*number, unit),
        Number::Distribution { count: 0, .. } => "count 0".to_owned(),
        Number::Distribution {
            count,
            sum,
            bounds,
            buckets,
        } => {
            let mut text = format!(
                "count {count}  mean {}",
                quantity(sum / *count as f64, unit)
            );
            for percent in [50, 95, 99] {
                let found = percentile(bounds, buckets, percent);
                text += &match found {
                    Some(Percentile::About(value)) => {
                        format!("  p{percent} ~{}", quantity(value, unit))
                    }
                    Some(Percentile::Above(value)) => {
                        format!("  p{percent} >{}", quantity(value, unit))
                    }
                    None => String::new(),
                };
            }
            text
        }
    }
}

/// A number in a UCUM unit; seconds are shown as people say them.
fn quantity(number: f64, unit: &str) -> String {
    if unit == "s" && number >= 0.0 {
        return duration::text((number * 1e9) as u64);
    }
    with_unit(duration::three_digits(number), unit)
}

fn with_unit(number: String, unit: &str) -> String {
    // An annotation such as {order} is a word in braces; 1 is no unit.
    let unit = unit.trim_matches(['{', '}']);
    match unit {
        "" | "1" => number,
        unit => format!("{number} {unit}"),
    }
}

#[derive(Debug, PartialEq)]
enum Percentile {
    /// Interpolated within its bucket.
    About(f64),
    /// In the last bucket, which has no upper bound.
    Above(f64),
}

fn percentile(
    bounds: &[f64],
    buckets: &[u64],
    percent: u32,
) -> Option<Percentile> {
    let count: u64 = buckets.iter().sum();
    let rank = count as f64 * f64::from(percent) / 100.0;
    let mut below = 0.0;
    for (at, bucket) in buckets.iter().enumerate() {
        let size = *bucket as f64;
        if size > 0.0 && below + size >= rank {
            let Some(upper) = bounds.get(at) else {
                return bounds.last().copied().map(Percentile::Above);
            };
            let lower = match at.checked_sub(1) {
                Some(before) => *bounds.get(before)?,
                None => upper.min(0.0),
            };
            let part = (rank - below) / size;
            return Some(Percentile::About(lower + (upper - lower) * part));
        }
        below += size;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Instrument, Origin, Temporality};

    #[test]
    fn percentiles_come_from_the_buckets() {
        let bounds = [10.0, 20.0];
        let of = |buckets, percent| percentile(&bounds, buckets, percent);
        assert_eq!(of(&[10, 10, 0], 50), Some(Percentile::About(10.0)));
        assert_eq!(of(&[0, 10, 0], 50), Some(Percentile::About(15.0)));
        assert_eq!(of(&[1, 0, 9], 95), Some(Percentile::Above(20.0)));
        assert_eq!(of(&[0, 0, 0], 95), None);
        assert_eq!(percentile(&[], &[], 50), None);
        assert_eq!(percentile(&[], &[3], 50), None);
    }

    #[test]
    fn a_point_is_a_line() {
        let metric = |unit: &str, value| Metric {
            name: "shop.orders".to_owned(),
            unit: unit.to_owned(),
            description: String::new(),
            instrument: Instrument::Counter,
            temporality: Temporality::Cumulative,
            points: vec![Point {
                attributes: [("shop.outcome".to_owned(), "ok\n".into())].into(),
                value,
                exemplars: 0,
            }],
            origin: Origin::default(),
        };
        let line = |unit, value| lines(&metric(unit, value)).next().unwrap();
        let start = "metric  shop.orders  unknown_service  shop.outcome=ok\\n";
        assert_eq!(
            line("{order}", Number::Int(3)),
            format!("{start}  3 order")
        );
        let value = Number::Distribution {
            count: 2,
            sum: 0.03,
            bounds: vec![0.01, 0.02],
            buckets: vec![0, 2, 0],
        };
        assert_eq!(
            line("s", value),
            format!(
                "{start}  count 2  mean 15.0 ms  p50 ~15.0 ms  p95 ~19.5 ms  \
                 p99 ~19.9 ms"
            )
        );
    }
}
