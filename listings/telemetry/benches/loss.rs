//! How many spans get lost at a steady rate, with the default queue.
//!
//! Prints rows of a Markdown table. `cargo bench` sends for ten seconds at
//! each rate; without `--bench`, as in `cargo test --benches`, for one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    env, thread,
    time::{Duration, Instant},
};

use opentelemetry::trace::{Span, Tracer};
use otlp_console::{Limits, Receiver};
use telemetry::{Config, Delivery, Telemetry};

/// The program makes spans in bursts of this length, as requests do.
const TICK: Duration = Duration::from_millis(10);

#[tokio::main]
async fn main() {
    let full = env::args().any(|argument| argument == "--bench");
    let time = Duration::from_secs(if full { 10 } else { 1 });
    println!("| spans per second | recorded | delivered | lost |");
    println!("|--:|--:|--:|--:|");
    for rate in [1_000, 10_000, 50_000] {
        let Delivery { spans, .. } = deliver(rate, time).await;
        println!(
            "| {rate} | {} | {} | {} |",
            spans.recorded,
            spans.delivered,
            spans.lost()
        );
    }
}

async fn deliver(rate: u32, time: Duration) -> Delivery {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let endpoint = receiver.http_endpoint();
    let config = Config::from_lookup("bench", "1", |name| {
        (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone())
    });
    let telemetry = Telemetry::start(&config.unwrap()).unwrap();
    let tracer = telemetry.tracer("bench");
    let work = thread::spawn(move || {
        let start = Instant::now();
        let ticks = time.as_millis() / TICK.as_millis();
        for tick in 0..ticks as u32 {
            let due = start + TICK * tick;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            for _ in 0..rate / 100 {
                tracer.start("work").end();
            }
        }
    });
    tokio::task::spawn_blocking(|| work.join().unwrap())
        .await
        .unwrap();
    match telemetry.shutdown(Duration::from_secs(30)).await {
        Ok(delivery) => delivery,
        Err(undelivered) => undelivered.delivery(),
    }
}
