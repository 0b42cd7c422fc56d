//! How long a question takes over HTTP, while others are asked.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use opentelemetry::{metrics::MeterProvider as _, trace::TracerProvider as _};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use otlp_console::Receiver;
use polars::prelude::{LazyFrame, PlRefPath, ScanArgsParquet, col};
use polars_etl::{
    Observer,
    etl::{self, Progress, Settings},
    generate::Shop,
};
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use tokio::{runtime::Runtime, task::JoinSet, time::sleep_until};

use crate::figures::{Effort, median, met, percentile, whole};

/// Requests a second.
const RATE: u32 = 20;

pub(crate) fn run(effort: Effort) {
    let folder = tempfile::tempdir().unwrap();
    let orders = effort.many(1_000_000);
    let output = prepare(folder.path(), orders);
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let receiver = Receiver::start(Default::default()).await.unwrap();
        let endpoint = receiver.http_endpoint();
        let (on, url) = serve(folder.path(), &output, &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ]);
        let (off, quiet) = serve(folder.path(), &output, &[
            ("OTEL_SDK_DISABLED", "true"),
        ]);
        let client = reqwest::Client::new();
        let results = etl::current(&output).unwrap().unwrap();
        let (mut with, mut without, mut plain) = (vec![], vec![], vec![]);
        for _ in 0..effort.rounds() {
            let seconds = effort.many(10_000) / 1_000;
            with.push(p99(seconds, || ask(client.clone(), url.clone())).await);
            without
                .push(p99(seconds, || ask(client.clone(), quiet.clone())).await);
            plain.push(p99(seconds, || bare(results.clone())).await);
        }
        stop([on, off]);
        let [with, without, plain] =
            [with, without, plain].map(|it| 1e3 * median(&it));
        println!("| A question at {RATE} requests a second | p99 | of plain |");
        println!("|---|--:|--:|");
        println!("| plain Polars, no HTTP | {plain:.1} ms | 1.00 |");
        let share = without / plain;
        println!("| the API, telemetry off | {without:.1} ms | {share:.2} |");
        let share = with / plain;
        println!(
            "| the API, telemetry on | {with:.1} ms | {share:.2} (goal 1.1: {}) \
             |\n\nSums by product of {} orders in a Parquet file. Medians of {} \
             interleaved turns of ten seconds; each request is timed from when \
             it was due.",
            met(share <= 1.1),
            whole(orders as f64),
            effort.rounds(),
        );
    });
}

fn prepare(folder: &Path, orders: u64) -> std::path::PathBuf {
    let input = folder.join("input");
    std::fs::create_dir(&input).unwrap();
    let shop = Shop {
        orders,
        seed: 1,
        bad_per_mille: 10,
    };
    shop.write(&input).unwrap();
    let output = folder.join("output");
    let settings = Settings {
        input,
        output: output.clone(),
        most_rejected: 0.1,
        memory: None,
        lineage: None,
    };
    let tracer = SdkTracerProvider::default().tracer("bench");
    let meter = SdkMeterProvider::default().meter("bench");
    let observer = Observer::new(tracer, &meter);
    etl::run(&observer, &settings, &Progress::default()).unwrap();
    output
}

fn serve(
    folder: &Path,
    output: &Path,
    variables: &[(&str, &str)],
) -> (Child, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_polars-etl"))
        .arg("serve")
        .arg(folder.join("input"))
        .arg(output)
        .args(["--listen", "127.0.0.1:0"])
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = process.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let (_, url) = line.trim().split_once("listens on ").unwrap();
    (process, format!("{url}/v1/query"))
}

fn stop(processes: [Child; 2]) {
    for mut process in processes {
        process.kill().unwrap();
        process.wait().unwrap();
    }
}

async fn ask(client: reqwest::Client, url: String) {
    let question = json!({
        "dataset": "orders",
        "group_by": ["product_id"],
        "aggregates": [{"function": "sum", "of": "quantity"}],
        "limit": 10_000,
    });
    let answer = client.post(url).json(&question).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap();
}

/// The same sums, by somebody who needs no API.
async fn bare(results: std::path::PathBuf) {
    let work = move || {
        let path = results.join("checked.parquet");
        let place = PlRefPath::try_from_path(&path).unwrap();
        let scan = LazyFrame::scan_parquet(place, ScanArgsParquet::default());
        let query = scan
            .unwrap()
            .filter(col("rule").is_null())
            .group_by([col("product_id")])
            .agg([col("quantity").sum()])
            .sort(["product_id", "quantity"], Default::default())
            .limit(10_000);
        let engine = polars::prelude::Engine::Streaming;
        query.collect_with_engine(engine).unwrap();
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}

/// Seconds that the slowest of a hundred takes.
async fn p99<F: Future<Output = ()> + Send + 'static>(
    seconds: u64,
    ask: impl Fn() -> F,
) -> f64 {
    let begin = Instant::now() + Duration::from_millis(50);
    let mut asked = JoinSet::new();
    for number in 0..(seconds.max(1) as u32 * RATE) {
        let due = begin + Duration::from_secs(1) * number / RATE;
        sleep_until(due.into()).await;
        let asking = ask();
        asked.spawn(async move {
            asking.await;
            due.elapsed().as_secs_f64()
        });
    }
    percentile(&asked.join_all().await, 0.99)
}
