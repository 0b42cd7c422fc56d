//! Our contenders: what they do when they are told to.

use std::{
    io::{BufRead as _, stdin},
    path::Path,
    time::Instant,
};

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use polars::lazy::dsl::pearson_corr;
use polars::prelude::{
    AnyValue, DataFrame, ExplodeOptions, Expr, IntoLazy as _, LazyCsvReader,
    LazyFileListReader as _, LazyFrame, ParquetReader, PlRefPath,
    SerReader as _, col, len, lit,
};
use polars_etl::{Observer, engine::Engine, run_observed};

/// Reads orders, one a line, and does them: `load PATH`, and then names of
/// queries.
pub(crate) fn obey(engine: Option<&str>) {
    let engine = match engine {
        Some("streaming") => Engine::Streaming,
        _ => Engine::InMemory,
    };
    let tracer = SdkTracerProvider::default().tracer("bench");
    let meter = SdkMeterProvider::default().meter("bench");
    let observer = Observer::new(tracer, &meter);
    let mut held = DataFrame::empty();
    println!("ready");
    for line in stdin().lock().lines() {
        let line = line.unwrap();
        let (order, path) = line.split_once(' ').unwrap_or((&line, ""));
        let clock = Instant::now();
        let answer = match order {
            "load" => {
                held = load(Path::new(path));
                DataFrame::empty()
            }
            "read" => csv(path).collect().unwrap(),
            order => {
                let query = match path {
                    "" => query(held.clone().lazy(), order),
                    path => query(csv(path), order),
                };
                run_observed(&observer, "bench", query, engine)
                    .unwrap()
                    .frame
            }
        };
        let seconds = clock.elapsed().as_secs_f64();
        println!("{seconds} {}", check(&answer));
    }
}

fn load(path: &Path) -> DataFrame {
    let file = std::fs::File::open(path).unwrap();
    ParquetReader::new(file).finish().unwrap()
}

fn csv(path: &str) -> LazyFrame {
    let place = PlRefPath::try_from_path(Path::new(path)).unwrap();
    LazyCsvReader::new(place).finish().unwrap()
}

fn sum(names: &[&str]) -> Vec<Expr> {
    names.iter().map(|name| col(*name).sum()).collect()
}

fn query(rows: LazyFrame, name: &str) -> LazyFrame {
    let by = |names: &[&str]| {
        let keys: Vec<_> = names.iter().map(|name| col(*name)).collect();
        rows.clone().group_by(keys)
    };
    match name {
        "q1" => by(&["id1"]).agg(sum(&["v1"])),
        "q2" => by(&["id1", "id2"]).agg(sum(&["v1"])),
        "q3" => by(&["id3"]).agg([col("v1").sum(), col("v3").mean()]),
        "q4" => by(&["id4"]).agg(["v1", "v2", "v3"].map(|it| col(it).mean())),
        "q5" => by(&["id6"]).agg(sum(&["v1", "v2", "v3"])),
        "q6" => by(&["id4", "id5"]).agg([
            col("v3").median().alias("median"),
            col("v3").std(1).alias("deviation"),
        ]),
        "q7" => by(&["id3"])
            .agg([(col("v1").max() - col("v2").min()).alias("range")]),
        "q8" => by(&["id6"]).agg([col("v3").top_k(lit(2))]).explode(
            polars::prelude::by_name(["v3"], true, false),
            ExplodeOptions {
                empty_as_null: true,
                keep_nulls: true,
            },
        ),
        "q9" => by(&["id2", "id4"])
            .agg([pearson_corr(col("v1"), col("v2")).pow(lit(2)).alias("r2")]),
        "q10" => by(&["id1", "id2", "id3", "id4", "id5", "id6"])
            .agg([col("v3").sum(), len().alias("count")]),
        "filter" => rows.clone().filter(col("v3").gt(lit(50.0))),
        "fused" => rows
            .clone()
            .filter(col("v3").gt(lit(50.0)))
            .select([col("v1").sum()]),
        "groups" => rows
            .clone()
            .filter(col("v3").gt(lit(50.0)))
            .group_by([col("id4")])
            .agg([col("v1").sum()]),
        other => panic!("there is no query called {other}"),
    }
}

/// How many rows there are, and the sum of the last column.
fn check(answer: &DataFrame) -> String {
    let last = answer.columns().last();
    let sum = last.and_then(|column| column.sum_reduce().ok());
    let sum = sum.map_or(0.0, |sum| match sum.value() {
        AnyValue::Null => 0.0,
        value => value.try_extract::<f64>().unwrap_or_default(),
    });
    format!("{} {sum:.1}", answer.height())
}
