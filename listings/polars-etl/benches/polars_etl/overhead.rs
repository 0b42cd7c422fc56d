//! What it costs to observe a query.

use std::{path::Path, time::Instant};

use polars::prelude::{
    Engine as Polars, LazyFrame, PlRefPath, ScanArgsParquet, col, lit,
};
use polars_etl::{Observer, engine::Engine, run_observed};
use telemetry::{Config, Telemetry};

use crate::{
    data,
    figures::{Effort, median, met, whole},
};

pub(crate) fn run(effort: Effort) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let receiver = otlp_console::Receiver::start(Default::default());
        let receiver = receiver.await.unwrap();
        let endpoint = receiver.http_endpoint();
        let config = Config::from_lookup("bench", "0", |name: &str| {
            (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone())
        });
        let telemetry = Telemetry::start(&config.unwrap()).unwrap();
        let meter = telemetry.meter("bench");
        let observer = Observer::new(telemetry.tracer("bench"), &meter);
        let measured = tokio::task::spawn_blocking(move || {
            measure(&observer, effort);
        });
        measured.await.unwrap();
        let deadline = std::time::Duration::from_secs(30);
        let delivery = telemetry.shutdown(deadline).await.unwrap();
        println!("\nWhat became of the telemetry: {delivery}.");
    });
}

fn measure(observer: &Observer, effort: Effort) {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.parquet");
    let rows = effort.many(10_000_000);
    let mut frame = data::groups(rows).drop_many(["id1", "id2", "id3"]);
    data::parquet(&mut frame, &large);
    drop(frame);
    let small = folder.path().join("small.parquet");
    data::parquet(&mut data::groups(100), &small);

    let plain = |path: &Path| {
        let clock = Instant::now();
        query(path).collect_with_engine(Polars::Streaming).unwrap();
        clock.elapsed().as_secs_f64()
    };
    let observed = |path: &Path| {
        let clock = Instant::now();
        run_observed(observer, "bench", query(path), Engine::Streaming)
            .unwrap();
        clock.elapsed().as_secs_f64()
    };
    let turns = |path: &Path, rounds: usize| {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            // Nobody always comes second.
            if round % 2 == 0 {
                without.push(plain(path));
                with.push(observed(path));
            } else {
                with.push(observed(path));
                without.push(plain(path));
            }
        }
        (median(&without), median(&with))
    };
    plain(&large);
    let (without, with) = turns(&large, effort.rounds() * 7);
    let more = 100.0 * (with / without - 1.0);
    println!("| Query | plain | observed | more | goal |");
    println!("|---|--:|--:|--:|---|");
    println!(
        "| groups of {} rows | {:.1} ms | {:.1} ms | {more:.1} % | 1 %: {} |",
        whole(rows as f64),
        without * 1e3,
        with * 1e3,
        met(more <= 1.0)
    );
    let (without, with) = turns(&small, effort.rounds() * 300);
    let more = (with - without) * 1e6;
    println!(
        "| groups of 100 rows | {:.0} µs | {:.0} µs | {more:.0} µs | 50 µs: {} |",
        without * 1e6,
        with * 1e6,
        met(more <= 50.0)
    );
}

fn query(path: &Path) -> LazyFrame {
    let place = PlRefPath::try_from_path(path).unwrap();
    LazyFrame::scan_parquet(place, ScanArgsParquet::default())
        .unwrap()
        .filter(col("v3").gt(lit(50.0)))
        .group_by([col("id4")])
        .agg([col("v1").sum(), col("v2").mean()])
}
