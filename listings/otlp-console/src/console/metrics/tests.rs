use super::{percentile::Percentile, *};
use crate::model::{Instrument, Origin, Temporality};

fn percentile(
    bounds: &[f64],
    sizes: &[u64],
    range: (Option<f64>, Option<f64>),
    percent: u32,
) -> Option<Percentile> {
    let count = sizes.iter().sum();
    Buckets::new(count, bounds, sizes, range)?.percentile(percent)
}

#[test]
fn percentiles_come_from_the_buckets() {
    use Percentile::{About, Above};
    let of = |sizes: &[u64], percent| {
        percentile(&[10.0, 20.0], sizes, (None, None), percent)
    };
    assert_eq!(of(&[10, 10, 0], 50), Some(About(10.0)));
    assert_eq!(of(&[0, 10, 0], 50), Some(About(15.0)));
    assert_eq!(of(&[1, 0, 9], 95), Some(Above(20.0)));
    assert_eq!(of(&[0, 0, 0], 95), None);
    assert_eq!(percentile(&[], &[], (None, None), 50), None);
    assert_eq!(percentile(&[], &[3], (None, None), 50), None);
}

#[test]
fn a_percentile_lies_between_the_smallest_and_the_largest() {
    let range = (Some(0.001), Some(0.099));
    for percent in [1, 50, 95, 99] {
        let found = percentile(&[0.0, 5.0], &[0, 100, 0], range, percent);
        let Some(Percentile::About(value)) = found else {
            panic!("{found:?}")
        };
        assert!((0.001..=0.099).contains(&value), "p{percent} {value}");
    }
    let last = percentile(&[5.0], &[0, 10], (None, Some(6.0)), 50);
    assert_eq!(last, Some(Percentile::About(5.5)));
}

#[test]
fn buckets_that_contradict_their_point_have_no_percentiles() {
    let none = (None, None);
    let new = |count, bounds, sizes| Buckets::new(count, bounds, sizes, none);
    assert!(new(3, &[1.0], &[1, 2]).is_some());
    assert!(new(29_502, &[30.0], &[29_503, u64::MAX]).is_none());
    assert!(new(2, &[1.0], &[1, 2]).is_none());
    assert!(new(3, &[1.0], &[1, 1, 1]).is_none());
    assert!(new(3, &[2.0, 1.0], &[1, 1, 1]).is_none());
    assert!(new(3, &[f64::NAN], &[1, 2]).is_none());
}

#[test]
fn numbers_of_any_size_are_written() {
    for (number, text) in [
        (f64::NAN, "NaN s"),
        (f64::INFINITY, "inf s"),
        (f64::NEG_INFINITY, "-inf s"),
        (-1.0, "-1.00 s"),
        (1e300, "1e300 s"),
        (0.0, "0 ns"),
    ] {
        assert_eq!(quantity(number, "s"), text);
    }
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
    assert_eq!(line("{order}", Number::Int(3)), format!("{start}  3 order"));
    let value = Number::Distribution {
        count: 2,
        sum: Some(0.03),
        min: None,
        max: None,
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
