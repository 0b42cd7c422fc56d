//! Metrics in a line each.

mod percentile;

use crate::{
    duration,
    model::{Metric, Number, Point},
    text::escaped,
};
use percentile::Buckets;

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
            min,
            max,
            bounds,
            buckets,
        } => {
            let mut text = format!("count {count}");
            if let Some(sum) = sum {
                let mean = quantity(sum / *count as f64, unit);
                text += &format!("  mean {mean}");
            }
            if buckets.is_empty() {
                return text;
            }
            match Buckets::new(*count, bounds, buckets, (*min, *max)) {
                Some(buckets) => text + &buckets.percentiles(unit),
                None => text + "  buckets that contradict it",
            }
        }
    }
}

/// A number in a UCUM unit; seconds are shown as people say them.
fn quantity(number: f64, unit: &str) -> String {
    let nanoseconds = number * 1e9;
    if unit == "s" && (0.0..u64::MAX as f64).contains(&nanoseconds) {
        return duration::text(nanoseconds as u64);
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

#[cfg(test)]
mod tests;
