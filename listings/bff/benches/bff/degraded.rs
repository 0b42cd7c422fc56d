//! How long a page takes when a backend never answers.

use std::{sync::Arc, time::Duration};

use bff::backends::faults::{Failure, Faults};

use crate::{
    figures::{Effort, median, millis, show},
    load::{Turn, open},
    pages::RATE,
    programs,
    stage::{Bff, LATENCIES, Stage, is_whole, send},
};

const BUDGET_MS: &str = "150";

const HANG: Faults = Faults {
    latency_ms: 0,
    slow_every: 0,
    slow_ms: 0,
    failure: Some(Failure::Hang),
};

/// Which service hangs, and what the client gets.
const CASES: [(&str, Option<usize>, u16, &str); 3] = [
    ("none", None, 200, "200, all parts"),
    ("product service", Some(2), 200, "200, no recommendations"),
    ("order service", Some(1), 504, "504"),
];

pub(crate) async fn run(effort: Effort) {
    let stage = Stage::set().await;
    stage.usual(LATENCIES, 0).await;
    let bff = stage.bff(&[("BUDGET_MS", BUDGET_MS)]).await;
    let time = effort.seconds(4.0);
    let mut turns = [const { Vec::new() }; CASES.len()];
    for _ in 0..effort.rounds().min(3) {
        for (case, turns) in turns.iter_mut().enumerate() {
            turns.push(turn(&stage, &bff, case, time).await);
        }
    }
    print(&turns);
    println!(
        "\nBUDGET_MS={BUDGET_MS}. {RATE} pages a second, medians of {} \
         interleaved turns of {} s. The other services take 5, 20 and 15 ms. \
         {}",
        turns[0].len(),
        time.as_secs_f64(),
        programs::about(),
    );
}

async fn turn(stage: &Stage, bff: &Bff, case: usize, time: Duration) -> Turn {
    let (_, hangs, status, _) = CASES[case];
    stage.usual(LATENCIES, 0).await;
    if let Some(at) = hangs {
        stage.trouble(at, HANG).await;
    }
    let is_good: fn(&[u8]) -> bool = match case {
        0 => is_whole,
        1 => |body| body.ends_with(b"\"degraded\":[\"recommendations\"]}"),
        _ => |_| true,
    };
    let pages = Arc::new(bff.pages(&stage.client));
    let work = move |number| {
        let pages = Arc::clone(&pages);
        async move { send(&pages, number, status, is_good).await }
    };
    open(RATE, time, work).await
}

fn print(turns: &[Vec<Turn>]) {
    println!("| What hangs | Answer | otherwise | p50 | p99 | longest |");
    println!("|---|---|--:|--:|--:|--:|");
    for ((hangs, _, _, answer), turns) in CASES.iter().zip(turns) {
        let [p50, p99, longest] = [0.5, 0.99, 1.0].map(|part| {
            let figures = turns.iter().map(|turn| turn.percentile(part));
            show(median(figures.map(millis)))
        });
        let failed = turns.iter().map(|turn| turn.failed).sum::<u64>();
        println!(
            "| {hangs} | {answer} | {failed} | {p50} | {p99} | {longest} |"
        );
    }
}
