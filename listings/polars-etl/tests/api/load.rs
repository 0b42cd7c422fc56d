//! More than the machine can do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use polars::prelude::{
    DataType, IntoLazy as _, LazyFrame, ParquetWriter, col, lit,
};
use polars_etl::{memory::Memory, pool::Pool, valve::Valve};
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::lab::{Capacity, DEADLINE, Lab, results, shop};

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
        (number() % lit(9_999)).alias("price_cents"),
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
    let patient = Capacity {
        limit: 10 * DEADLINE,
        ..Capacity::default()
    };
    let lab = Lab::with(&settings, patient).await;
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

/// Each of these would go on for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_that_nobody_waits_for_are_stopped() {
    let meter = SdkMeterProvider::default().meter("test");
    let pool = Pool::new(&meter, 2, 98);
    let begun = Arc::new(AtomicUsize::new(0));
    let mut asked = JoinSet::new();
    for _ in 0..100 {
        let (pool, begun) = (pool.clone(), begun.clone());
        let endless = move |valve: &Valve| {
            begun.fetch_add(1, Ordering::Relaxed);
            while valve.is_shut().is_none() {
                std::thread::yield_now();
            }
        };
        let run = async move { pool.run(2 * DEADLINE, endless).await };
        asked.spawn(run);
    }
    while begun.load(Ordering::Relaxed) < 2 {
        sleep(Duration::from_millis(1)).await;
    }
    // Nobody waits any more.
    asked.shutdown().await;
    timeout(DEADLINE, pool.rest()).await.unwrap();
    // Their places are free.
    assert_eq!(pool.run(DEADLINE, |_: &Valve| 7).await.unwrap(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_leaves_the_place_free() {
    let (_folder, settings) = shop(10);
    orders(&settings.output, 300_000);
    let can = Capacity {
        running: 1,
        waiting: 0,
        ..Capacity::default()
    };
    let lab = Lab::with(&settings, can).await;
    for number in 0..20 {
        let patience = Duration::from_millis(number);
        // It may be answered, sent away, or too impatient.
        let _ = lab.asking(&heavy()).timeout(patience).send().await;
    }
    let answered = async {
        while lab.ask(&heavy()).await.status() != 200 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(DEADLINE, answered).await.unwrap();
    lab.stop().await;
}
