//! The async runtime has its threads for itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use polars::prelude::{ParquetWriter, col, df};
use polars_etl::{
    Observer, dataset::Dataset, engine::Engine, pool::Pool, run_observed,
};

const ROWS: usize = 10_000_000;

const TICK: Duration = Duration::from_millis(1);

/// How late a task may wake up, in all but one of a hundred cases.
const LATE: Duration = Duration::from_millis(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runtime_ticks_while_ten_million_rows_are_scanned() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::create(folder.path().join("checked.parquet")).unwrap();
    let mut orders = df!(
        "product_id" => vec![7_i64; ROWS],
        "quantity" => vec![1_i64; ROWS],
        "price" => vec![2.5; ROWS],
        "day" => vec![20_000_i32; ROWS],
        "coupon" => vec![None::<&str>; ROWS],
        "rule" => vec![None::<&str>; ROWS],
    )
    .unwrap();
    ParquetWriter::new(file).finish(&mut orders).unwrap();
    drop(orders);

    let tracer = SdkTracerProvider::default().tracer("test");
    let meter = SdkMeterProvider::default().meter("test");
    let (observer, pool) =
        (Observer::new(tracer, &meter), Pool::new(&meter, 2, 0));
    let path = folder.path().to_owned();
    // Other programs may disturb one of them.
    let mut late = Vec::new();
    for _ in 0..3 {
        late.push(lateness(&pool, &observer, &path).await);
    }
    late.sort();
    assert!(late[1] < LATE, "{late:?}");
}

/// How late 99 of 100 ticks are at most, while all rows are summed up.
async fn lateness(pool: &Pool, observer: &Observer, path: &Path) -> Duration {
    let (pool, observer, path) =
        (pool.clone(), observer.clone(), path.to_owned());
    let asked = tokio::spawn(async move {
        let work = move |valve: &_| {
            let rows = Dataset::Orders.scan(&path, valve).unwrap();
            let sums = rows
                .group_by([col("product_id")])
                .agg([col("quantity").sum(), col("price_cents").sum()]);
            run_observed(&observer, "orders", sums, Engine::Streaming)
                .unwrap()
                .frame
        };
        pool.run(Duration::from_secs(60), work).await.unwrap()
    });
    let mut late = Vec::new();
    while !asked.is_finished() {
        let clock = Instant::now();
        tokio::time::sleep(TICK).await;
        late.push(clock.elapsed() - TICK);
    }
    let frame = asked.await.unwrap();
    let sum = frame.column("quantity").unwrap().i64().unwrap().get(0);
    assert_eq!(sum, Some(ROWS as i64));
    late.sort();
    assert!(late.len() > 20, "the query was too short to tell");
    late[late.len() * 99 / 100]
}
