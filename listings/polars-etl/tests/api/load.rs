//! More than the machine can do.

use std::time::{Duration, Instant};

use polars::prelude::{
    DataType, IntoLazy as _, LazyFrame, ParquetWriter, col, lit,
};
use polars_etl::memory::Memory;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::lab::{Capacity, Lab, results, shop};

/// All rows have to be read for it.
fn heavy() -> Value {
    json!({
        "dataset": "orders",
        "group_by": ["product_id"],
        "aggregates": [
            {"function": "sum", "of": "quantity"},
            {"function": "distinct", "of": "price_cents"},
        ],
    })
}

/// Results with so many orders, made without a pipeline.
fn orders(output: &std::path::Path, rows: u32) {
    let file = std::fs::File::create(results(output).join("checked.parquet"));
    let numbers: Vec<_> = (0..rows).collect();
    let numbers = polars::df!("n" => numbers).unwrap().lazy();
    let mut rows = columns(numbers).collect().unwrap();
    ParquetWriter::new(file.unwrap()).finish(&mut rows).unwrap();
}

fn columns(numbers: LazyFrame) -> LazyFrame {
    let number = || col("n").cast(DataType::Int64);
    let none = lit(polars::prelude::NULL).cast(DataType::String);
    numbers.select([
        (number() % lit(1_000)).alias("product_id"),
        (number() % lit(7) + lit(1)).alias("quantity"),
        (number() % lit(9_999))
            .cast(DataType::Float64)
            .alias("price"),
        lit(20_000).cast(DataType::Date).alias("day"),
        none.clone().alias("coupon"),
        none.alias("rule"),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_stopped_and_says_504() {
    let can = Capacity {
        limit: Duration::ZERO,
        ..Capacity::default()
    };
    let lab = Lab::with(&crate::lab::SHOP.settings, can).await;
    let answer = lab.ask(&heavy()).await;
    assert_eq!(answer.status(), 504);
    lab.stop().await;
}

// ANCHOR: thousand
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_a_time_are_answered_or_sent_away() {
    let (_folder, settings) = shop(10);
    orders(&settings.output, 300_000);
    let lab = Lab::with(&settings, Capacity::default()).await;
    assert_eq!(lab.ask(&heavy()).await.status(), 200);
    let before = Memory::now().unwrap();
    let mut asked = JoinSet::new();
    for _ in 0..1_000 {
        let asking = lab.asking(&heavy());
        asked.spawn(async { asking.send().await.unwrap().status().as_u16() });
    }
    let (mut answered, mut busy) = (0, 0);
    while let Some(status) = asked.join_next().await {
        match status.unwrap() {
            200 => answered += 1,
            503 => busy += 1,
            other => panic!("{other}"),
        }
    }
    // Those that had a place, at least.
    assert!(answered >= 34, "{answered} answered, {busy} sent away");
    assert_eq!(answered + busy, 1_000);
    let after = Memory::now().unwrap();
    let grown = after.resident_peak.saturating_sub(before.resident_peak);
    assert!(grown < 512 << 20, "{grown} bytes more");
    lab.stop().await;
}
// ANCHOR_END: thousand

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_that_nobody_waits_for_are_stopped() {
    let (_folder, settings) = shop(10);
    orders(&settings.output, 300_000);
    let can = Capacity {
        waiting: 200,
        ..Capacity::default()
    };
    let lab = Lab::with(&settings, can).await;
    let mut asked = JoinSet::new();
    for number in 0..100 {
        let asking = lab.asking(&heavy());
        let patience = Duration::from_millis(number % 50);
        asked.spawn(asking.timeout(patience).send());
    }
    while asked.join_next().await.is_some() {}
    // All places are free again, long before a hundred could be answered.
    let clock = Instant::now();
    assert_eq!(lab.ask(&heavy()).await.status(), 200);
    let waited = clock.elapsed();
    let clock = Instant::now();
    assert_eq!(lab.ask(&heavy()).await.status(), 200);
    let alone = clock.elapsed();
    assert!(waited < alone * 20, "{waited:?}, and {alone:?} alone");
    sleep(Duration::from_millis(10)).await;
    lab.stop().await;
}
