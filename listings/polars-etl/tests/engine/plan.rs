//! A plan says what is done, and not with which data.

use polars::prelude::{IntoLazy as _, col, lit};
use polars_etl::{
    engine::{self, Engine},
    valve::{Reason, Valve},
};

use crate::lab::{in_parquet, measurements};

// ANCHOR: pushed-down
#[test]
fn a_plan_shows_what_has_been_pushed_down() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret-place.parquet");
    let query = in_parquet(&file, measurements(100))
        .filter(col("name").eq(lit("ada@example.com")))
        .group_by([col("group")])
        .agg([col("value").sum()]);
    let planned = engine::plan(query, Engine::Streaming).unwrap();
    let text = planned.plan().text();
    assert!(
        text.contains("scan parquet: 3 of 7 columns, where"),
        "{text}"
    );
    assert!(text.contains("group by [col(\"group\")]"), "{text}");
    assert!(!text.contains("ada@example.com"), "{text}");
    assert!(!text.contains("secret-place"), "{text}");
}
// ANCHOR_END: pushed-down

#[test]
fn a_valve_lets_filters_and_choices_through_to_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let rows = in_parquet(&folder.path().join("rows"), measurements(100));
    let valve = Valve::default();
    let query = valve
        .on(rows)
        .filter(col("value").lt(lit(50)))
        .select([col("id")]);
    let planned = engine::plan(query.clone(), Engine::Streaming).unwrap();
    let text = planned.plan().text();
    assert!(
        text.contains("scan parquet: 2 of 7 columns, where"),
        "{text}"
    );
    assert_eq!(planned.run().unwrap().frame.height(), 50);
    valve.shut(Reason::Unwanted);
    let planned = engine::plan(query, Engine::Streaming).unwrap();
    assert!(planned.run().is_err());
}

#[test]
fn queries_that_differ_in_values_have_one_hash() {
    let hash = |column: &str, value: i64| {
        let rows = measurements(10).lazy();
        let query = rows.filter(col(column).gt(lit(value)));
        let planned = engine::plan(query, Engine::Streaming).unwrap();
        planned.plan().hash()
    };
    assert_eq!(hash("value", 1), hash("value", 2));
    assert_ne!(hash("value", 1), hash("id", 1));
    assert_eq!(hash("value", 1).len(), 16);
}
