//! Compares a frame with a published answer.

use polars::prelude::{AnyValue, DataFrame};
use polars_etl::engine::Engine;

/// Every row and every column, in order.
pub(crate) fn compare(name: &str, engine: Engine, found: &DataFrame) {
    let path = format!("tests/tpch/answers/{name}.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split('|'));
    let head: Vec<_> = lines.next().unwrap().collect();
    let names = found.get_column_names();
    let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
    assert_eq!(names, head, "{name} {engine:?}");
    let rows: Vec<Vec<_>> = lines.map(Iterator::collect).collect();
    assert_eq!(found.height(), rows.len(), "{name} {engine:?}");
    for (number, expected) in rows.iter().enumerate() {
        let row = found.get_row(number).unwrap().0;
        assert_eq!(row.len(), expected.len());
        for ((value, text), column) in row.iter().zip(expected).zip(&head) {
            let place = format!("{name} {engine:?} row {number} {column}");
            assert!(is(value, text), "{place}: {value} is not {text}");
        }
    }
}

/// Texts, dates and whole numbers exactly. What has a fraction was rounded to
/// six places, and added up in another order.
fn is(value: &AnyValue<'_>, text: &str) -> bool {
    match value {
        AnyValue::Float64(number) => {
            let published: f64 = text.parse().unwrap();
            let most = 1e-6_f64.max(published.abs() * 1e-9);
            (number - published).abs() <= most
        }
        AnyValue::String(value) => *value == text,
        value => value.to_string() == text,
    }
}
