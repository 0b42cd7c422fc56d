//! What a run makes of good orders and of bad ones.

use std::fs;

use polars_etl::{
    etl::{self, EtlError},
    generate::Faults,
};

use crate::lab::{partials, run, shop};

#[test]
fn each_fault_is_counted_exactly() {
    let (_folder, settings, faults) = shop(20_000, 50);
    let summary = run(&settings).unwrap();
    assert_eq!(summary.orders, 20_000);
    let rejected = &summary.rejected;
    assert_eq!(rejected.total(), faults.total());
    let found = Faults {
        customer_missing: rejected.by("customer_missing"),
        product_unknown: rejected.by("product_unknown"),
        quantity_impossible: rejected.by("quantity_impossible"),
        price_impossible: rejected.by("price_impossible"),
        day_impossible: rejected.by("day_impossible"),
        order_repeated: rejected.by("order_repeated"),
    };
    assert_eq!(found, faults);
    let quarantine = summary.sales.with_file_name("quarantine.csv");
    let lines = fs::read_to_string(quarantine).unwrap().lines().count();
    assert_eq!(lines as u64, faults.total() + 1);
    assert_eq!(fs::read_dir(&summary.sales).unwrap().count(), 12);
    let results = etl::current(&settings.output).unwrap().unwrap();
    assert_eq!(results.join("sales"), summary.sales);
}

#[test]
fn too_many_faults_end_the_run() {
    let (_folder, settings, _) = shop(5_000, 300);
    let error = run(&settings).unwrap_err();
    assert!(matches!(error, EtlError::Quality { .. }), "{error}");
    assert_eq!(etl::current(&settings.output).unwrap(), None);
}

#[test]
fn a_second_run_has_nothing_to_do() {
    let (_folder, settings, _) = shop(2_000, 10);
    let first = run(&settings).unwrap();
    let second = run(&settings).unwrap();
    assert!(!first.was_done && second.was_done);
    assert_eq!(first.run, second.run);
    assert_eq!(first.rejected, second.rejected);
    assert!(partials(&settings.output).is_empty());
}
