//! Tables in which orders are looked up: right as a whole, or refused by name.

use std::fs;

use polars_arrow::{
    array::{
        Array, DictionaryArray, FixedSizeListArray, Float32Array, Float64Array,
        Int32Array, Int64Array, PrimitiveArray, UInt64Array,
    },
    datatypes::{ArrowDataType, Field},
};
use polars_etl::etl::Settings;

use crate::{
    hand::{
        CUSTOMERS, Column, HEAD, SUMS, products, refusal, refused, shop, texts,
        write,
    },
    lab::run,
};

/// With these columns instead of those of the same name.
fn with(columns: Vec<Column>) -> (tempfile::TempDir, Settings) {
    let (folder, settings) = shop();
    let mut all = products();
    for (name, values) in columns {
        all.retain(|(known, _)| *known != name);
        all.push((name, values));
    }
    write(&settings.input.join("products.parquet"), all);
    (folder, settings)
}

fn refused_products(columns: Vec<Column>) -> String {
    let (_folder, settings) = with(columns);
    refusal(&settings, "products.parquet")
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    let twice = format!("{CUSTOMERS}1,DE,a2@example.com\n");
    let said = refused("customers.csv", twice);
    let rule = "customers.csv is not as expected: each customer_id is there \
                once; exceptions: 1, in 2 rows, such as \"1\"";
    assert!(said.ends_with(rule), "{said}");
    let said = refused_products(vec![
        ("product_id", Int64Array::from_slice([1, 2, 2]).boxed()),
        ("category", texts(&["books", "tools", "tools"])),
        ("cost", Float64Array::from_slice([4.0, 2.0, 2.0]).boxed()),
    ]);
    let rule = "each product_id is there once; exceptions: 1, in 2 rows";
    assert!(said.contains(rule) && said.ends_with("\"2\""), "{said}");
}

#[test]
fn customers_who_make_no_sense_are_refused() {
    let whole = "each customer_id is a whole number of 64 bits; exceptions: 1";
    for (content, said) in [
        (format!("{CUSTOMERS},DE,x\n"), whole),
        (format!("{CUSTOMERS}x7,DE,x\n"), whole),
        (
            format!("{CUSTOMERS}01,DE,x\n"),
            "each customer_id is there once",
        ),
        (
            CUSTOMERS.replace("email", "country"),
            "the column country once",
        ),
        (
            CUSTOMERS.replace("country", "land"),
            "the column country once",
        ),
        (CUSTOMERS.replace(',', ";"), "the column customer_id once"),
    ] {
        let found = refused("customers.csv", &content);
        assert!(found.contains(said), "{found}");
    }
    // Latin-1.
    let latin = [CUSTOMERS.as_bytes(), b"3,\xd6sterreich,x\n"].concat();
    assert!(refused("customers.csv", latin).contains("utf-8"));
    let latin = [HEAD.as_bytes(), b"1,1,1,1,1.00,2025-03-01,\xc4\n"].concat();
    assert!(refused("orders.csv", latin).contains("utf-8"));
}

/// 1.0 and 2.0.
fn decimals() -> Box<dyn Array> {
    PrimitiveArray::<i128>::from_slice([10, 20])
        .to(ArrowDataType::Decimal(5, 1))
        .boxed()
}

#[test]
fn a_column_that_nobody_reads_may_have_any_type() {
    let pair = Field::new("item".into(), ArrowDataType::Int64, true);
    let pairs = FixedSizeListArray::new(
        ArrowDataType::FixedSizeList(Box::new(pair), 2),
        2,
        Int64Array::from_slice([1, 2, 3, 4]).boxed(),
        None,
    );
    for (name, strange) in [
        ("weight", decimals()),
        ("size", pairs.boxed()),
        ("half", PrimitiveArray::<i8>::from_slice([1, 2]).boxed()),
    ] {
        let (_folder, settings) = with(vec![(name, strange)]);
        assert_eq!(run(&settings).unwrap().accepted, SUMS, "{name}");
    }
}

#[test]
fn a_column_that_is_read_has_its_type_or_is_named() {
    let words = DictionaryArray::<i32>::try_from_keys(
        Int32Array::from_slice([0, 1]),
        texts(&["books", "tools"]),
        false,
    );
    for (name, values) in [
        ("cost", decimals()),
        ("cost", texts(&["4.0", "2.0"])),
        ("product_id", Float64Array::from_slice([1.0, 2.0]).boxed()),
        ("product_id", texts(&["1", "2"])),
        ("category", words.unwrap().boxed()),
    ] {
        let said = refused_products(vec![(name, values)]);
        let column = format!("it has the column {name}, of ");
        assert!(said.contains(&column), "{said}");
    }
    let (_folder, settings) = with(vec![
        ("product_id", Int32Array::from_slice([1, 2]).boxed()),
        ("cost", Float32Array::from_slice([4.0, 2.0]).boxed()),
    ]);
    assert_eq!(run(&settings).unwrap().accepted, SUMS);
}

#[test]
fn products_that_make_no_sense_are_refused() {
    let costs = [
        Some(f64::NAN),
        Some(f64::INFINITY),
        Some(-1.0),
        Some(1e30),
        Some(1_000_000.01),
        None,
    ];
    for cost in costs {
        let cost = Float64Array::from([Some(4.0), cost]).boxed();
        let said = refused_products(vec![("cost", cost)]);
        let rule = "the cost of each product_id is from 0 to 1,000,000.00";
        assert!(said.contains(rule) && said.ends_with("\"2\""), "{said}");
    }
    let none = Int64Array::from([Some(1), None]).boxed();
    let huge = UInt64Array::from_slice([1, u64::MAX]).boxed();
    for keys in [none, huge] {
        let said = refused_products(vec![("product_id", keys)]);
        assert!(said.contains("is a whole number of 64 bits"), "{said}");
    }
}

#[test]
fn a_damaged_file_is_refused() {
    let (_folder, settings) = shop();
    let path = settings.input.join("products.parquet");
    let mut damaged = fs::read(&path).unwrap();
    // A length, in the head of the first page.
    damaged[9] = 0;
    fs::write(&path, damaged).unwrap();
    let said = refusal(&settings, "products.parquet");
    assert!(said.contains("it is not damaged"), "{said}");
}
