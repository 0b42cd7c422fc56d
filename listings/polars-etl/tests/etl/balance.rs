//! What comes out is what came in, less what was set aside.

use std::{
    fs::{self, File},
    path::Path,
};

use polars::prelude::{
    DataFrame, ParquetReader, ParquetWriter, SerReader as _,
};
use polars_etl::etl::{self, EtlError, Settings, Totals};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    hand::{HEAD, SUMS, published, shop},
    lab::run,
};

/// A text, and its value if it has one that an order may have.
type Text = (&'static str, Option<i64>);

const QUANTITIES: [Text; 8] = [
    ("1", Some(1)),
    ("7", Some(7)),
    ("1000000", Some(1_000_000)),
    ("1000001", None),
    ("0", None),
    ("-3", None),
    ("9223372036854775807", None),
    ("two", None),
];

const PRICES: [Text; 11] = [
    ("0.01", Some(1)),
    ("10.00", Some(1_000)),
    ("19.9", Some(1_990)),
    ("1e2", Some(10_000)),
    ("0", Some(0)),
    ("1000000", Some(100_000_000)),
    ("1000000.01", None),
    ("1e30", None),
    ("0.005", None),
    ("NaN", None),
    ("\"12,50\"", None),
];

const DAYS: [Text; 4] = [
    ("2000-01-01", Some(0)),
    ("2099-12-31", Some(0)),
    ("1999-12-31", None),
    ("2025-02-30", None),
];

const CUSTOMERS: [Text; 4] =
    [("1", Some(0)), ("2", Some(0)), ("99", Some(0)), ("", None)];

const PRODUCTS: [Text; 3] = [("1", Some(400)), ("2", Some(200)), ("3", None)];

type Order = (Text, Text, Text, Text, Text);

fn order() -> impl Strategy<Value = Order> {
    // Most of what there is, is good.
    let few = |all: &'static [Text]| {
        let good: Vec<_> = all.iter().filter(|it| it.1.is_some()).collect();
        prop_oneof![4 => select(good).prop_map(|it| *it), 1 => select(all)]
    };
    (
        few(&CUSTOMERS),
        few(&PRODUCTS),
        few(&QUANTITIES),
        few(&PRICES),
        few(&DAYS),
    )
}

/// What an order adds to the sales, worked out by hand.
fn worth(order: &Order) -> Option<(i64, i64)> {
    let (customer, product, quantity, price, day) = order;
    let (_, cost, _) = (customer.1?, product.1?, day.1?);
    let (quantity, price) = (quantity.1?, price.1?);
    let is_small = quantity * price.max(cost) <= 2_000_000_000;
    is_small.then_some((quantity, quantity * price))
}

fn write(settings: &Settings, orders: &[Order]) {
    let mut text = HEAD.to_owned();
    for (id, (customer, product, quantity, price, day)) in
        orders.iter().enumerate()
    {
        let fields = [customer, product, quantity, price, day].map(|it| it.0);
        text.push_str(&format!("{id},{},\n", fields.join(",")));
    }
    fs::write(settings.input.join("orders.csv"), text).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(30)
    })]

    // ANCHOR: balances
    #[test]
    fn whatever_comes_in_comes_out_or_is_set_aside(
        orders in vec(order(), 1..80),
    ) {
        let (_folder, mut settings) = shop();
        settings.most_rejected = 1.0;
        write(&settings, &orders);
        let good: Vec<_> = orders.iter().filter_map(worth).collect();
        let sums = Totals {
            orders: good.len() as i64,
            units: good.iter().map(|(units, _)| units).sum(),
            revenue_cents: good.iter().map(|(_, cents)| cents).sum(),
        };
        let ended = run(&settings);
        let results = etl::current(&settings.output).unwrap();
        if good.is_empty() {
            let is_quality = matches!(ended, Err(EtlError::Quality { .. }));
            prop_assert!(is_quality && results.is_none(), "{ended:?}");
        } else {
            let summary = ended.unwrap();
            let loaded = summary.orders - summary.rejected.total();
            prop_assert_eq!(summary.orders, orders.len() as u64);
            prop_assert_eq!(loaded, good.len() as u64);
            prop_assert_eq!(summary.accepted, sums);
            prop_assert_eq!(published(&results.unwrap()), sums);
        }
    }
    // ANCHOR_END: balances
}

fn read(path: &Path) -> DataFrame {
    ParquetReader::new(File::open(path).unwrap())
        .finish()
        .unwrap()
}

fn overwrite(path: &Path, frame: &mut DataFrame) {
    let file = File::create(path).unwrap();
    ParquetWriter::new(file).finish(frame).unwrap();
}

#[test]
fn sales_that_do_not_balance_are_not_published() {
    let (_folder, settings) = shop();
    let summary = run(&settings).unwrap();
    assert_eq!(summary.accepted, SUMS);
    let month = summary.sales.join("month=2025-02");
    let month = fs::read_dir(month).unwrap().next().unwrap().unwrap().path();
    let right = read(&month);
    let doubled = right.vstack(&right).unwrap();
    let cut = right.head(Some(1));
    let more = |orders, units, revenue_cents| Totals {
        orders,
        units,
        revenue_cents,
    };
    for (mut wrong, more) in
        [(doubled, more(2, 4, 2_200)), (cut, more(-1, -1, -550))]
    {
        fs::remove_file(settings.output.join("CURRENT")).unwrap();
        overwrite(&month, &mut wrong);
        let error = run(&settings).unwrap_err();
        let EtlError::Balance { more: found } = &error else {
            panic!("{error}");
        };
        assert_eq!(*found, more, "{error}");
        assert_eq!(etl::current(&settings.output).unwrap(), None);
        overwrite(&month, &mut right.clone());
        assert!(run(&settings).is_ok());
    }
}
