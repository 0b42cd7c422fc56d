//! Dirty data: it is set aside as it came, or refused by name. No sum is wrong.

use std::{collections::BTreeSet, fs};

use polars_etl::etl::{self, EtlError};

use crate::{
    hand::{CUSTOMERS, GOOD, HEAD, SUMS, published, refused, shop},
    lab::run,
};

// ANCHOR: as-it-came
#[test]
fn what_breaks_a_rule_is_set_aside_as_it_came() {
    let wrong = [
        ("4,1,1,1,\"12,50\",2025-03-01,", "price_impossible"),
        ("5,1,1,1,1e30,2025-03-01,", "price_impossible"),
        ("6,1,1,9,9e16,2025-03-01,", "price_impossible"),
        ("7,1,1,1,10.005,2025-03-01,", "price_impossible"),
        (
            "8,1,1,9223372036854775807,1.00,2025-03-01,C9",
            "quantity_impossible",
        ),
        (
            "9,1,1,9223372036854775807,1.00,2025-03-02,",
            "quantity_impossible",
        ),
        ("10,1,1,two,1.00,2025-03-01,", "quantity_impossible"),
        ("11,1,1,21,1000000.00,2025-03-01,", "amount_too_large"),
        ("12,1,1,1,1.00,2025-02-30,", "day_impossible"),
        ("13,1,1,1,1.00,2100-01-01,", "day_impossible"),
        ("14,x7,1,1,1.00,2025-03-01,", "customer_missing"),
        ("16,1,3,1,1.00,2025-03-01,", "product_unknown"),
    ];
    let (_folder, settings) = shop();
    let mut orders = format!("{HEAD}{GOOD}");
    for (line, _) in wrong {
        orders.push_str(line);
        orders.push('\n');
    }
    fs::write(settings.input.join("orders.csv"), orders).unwrap();
    let summary = run(&settings).unwrap();
    let quarantine = summary.sales.with_file_name("quarantine.csv");
    let quarantine = fs::read_to_string(quarantine).unwrap();
    let set_aside: BTreeSet<_> = quarantine.lines().skip(1).collect();
    let wrong = wrong.map(|(line, rule)| format!("{line},{rule}"));
    let wrong = wrong.iter().map(String::as_str).collect();
    assert_eq!(set_aside, wrong);
    assert_eq!(summary.accepted, SUMS);
    let results = etl::current(&settings.output).unwrap().unwrap();
    assert_eq!(published(&results), SUMS);
}
// ANCHOR_END: as-it-came

#[test]
fn the_largest_order_is_one() {
    let (_folder, settings) = shop();
    let largest = "4,1,1,1000000,20.00,2025-03-01,\n\
                   5,1,1,20,1000000.00,2025-03-01,\n";
    let orders = format!("{HEAD}{GOOD}{largest}");
    fs::write(settings.input.join("orders.csv"), orders).unwrap();
    let summary = run(&settings).unwrap();
    assert_eq!(summary.rejected.total(), 0);
    assert_eq!(summary.accepted.revenue_cents, 4_200 + 4_000_000_000);
    assert_eq!(summary.accepted.units, 6 + 1_000_020);
}

#[test]
fn other_ways_to_write_the_same_have_the_same_sums() {
    let orders = format!("{HEAD}{GOOD}");
    let quoted = orders.replace("C1", "\"C,1\"").replace("10.00", "\"1e1\"");
    for (orders, customers) in [
        (format!("\u{feff}{orders}"), format!("\u{feff}{CUSTOMERS}")),
        (
            orders.replace('\n', "\r\n"),
            format!("{CUSTOMERS}\n").replace('\n', "\r\n"),
        ),
        (
            orders.trim_end().to_owned(),
            CUSTOMERS.trim_end().to_owned(),
        ),
        (quoted, CUSTOMERS.replace("DE", "\"D\nE\"")),
    ] {
        let (_folder, settings) = shop();
        fs::write(settings.input.join("orders.csv"), &orders).unwrap();
        fs::write(settings.input.join("customers.csv"), customers).unwrap();
        assert_eq!(run(&settings).unwrap().accepted, SUMS, "{orders}");
    }
}

#[test]
fn a_line_that_is_empty_is_an_order_that_is_missing() {
    let (_folder, settings) = shop();
    let orders = format!("{HEAD}{GOOD}\n,,,,,,\n\n");
    fs::write(settings.input.join("orders.csv"), orders).unwrap();
    let summary = run(&settings).unwrap();
    assert_eq!(summary.orders, 6);
    assert_eq!(summary.rejected.by("order_missing"), 3);
    assert_eq!(summary.accepted, SUMS);
}

#[test]
fn orders_in_quotation_marks_are_not_swallowed() {
    let line_end = format!("{HEAD}{GOOD}4,1,1,1,1.00,2025-03-01,\"C\n1\"\n");
    let said = refused("orders.csv", line_end);
    assert!(said.contains("in its 5 lines are 4 orders"), "{said}");
    // Two that are not closed, and what is between them.
    let open = "8,1,1,1,1.00,2025-03-01,\"C8\n";
    refused("orders.csv", format!("{HEAD}{open}{GOOD}{open}"));
    refused("orders.csv", format!("{HEAD}{GOOD}{open}"));
}

#[test]
fn no_order_and_no_right_one_are_no_result() {
    let said = refused("orders.csv", HEAD);
    assert!(said.contains("it has from 1 to"), "{said}");
    let (_folder, mut settings) = shop();
    settings.most_rejected = 1.0;
    let wrong = format!("{HEAD}{}", GOOD.replace("2025", "1025"));
    fs::write(settings.input.join("orders.csv"), wrong).unwrap();
    let error = run(&settings).unwrap_err();
    assert!(
        matches!(error, EtlError::Quality { orders: 3, .. }),
        "{error}"
    );
}
