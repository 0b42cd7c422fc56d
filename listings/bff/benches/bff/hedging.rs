//! What a second request does to the slowest pages, and what it costs.

use std::{sync::Arc, time::Duration};

use crate::{
    chart::{self, Curve},
    figures::{Effort, millis, percentile, show},
    load::open,
    pages::RATE,
    programs,
    stage::{Bff, LATENCIES, Stage, is_whole, send},
};

/// How long nearly all answers take, and a little more.
const AFTER_MS: &str = "35";

/// One in so many answers of the product service is slow.
const SLOW_EVERY: u64 = 100;

struct Contender {
    name: &'static str,
    bff: Bff,
    times: Vec<Duration>,
    failed: u64,
    calls: u64,
}

pub(crate) async fn run(effort: Effort) {
    let stage = Stage::set().await;
    stage.usual(LATENCIES, 0).await;
    let mut contenders = Vec::new();
    for (name, after) in
        [("one request", "0"), ("a second one after 35 ms", AFTER_MS)]
    {
        contenders.push(Contender {
            name,
            bff: stage.bff(&[("HEDGE_AFTER_MS", after)]).await,
            times: Vec::new(),
            failed: 0,
            calls: 0,
        });
    }
    let time = effort.seconds(6.0);
    for _ in 0..effort.rounds() {
        for contender in &mut contenders {
            turn(&stage, contender, time).await;
        }
    }
    print(&mut contenders);
    println!(
        "\n{RATE} pages a second in {} interleaved turns of {} s each. The \
         services take 5, 20 and 15 ms, and every {SLOW_EVERY}th answer of the \
         product service takes 200 ms. More calls are those beyond three a \
         page, of all first ones. {}",
        effort.rounds(),
        time.as_secs_f64(),
        programs::about(),
    );
}

async fn turn(stage: &Stage, contender: &mut Contender, time: Duration) {
    stage.usual(LATENCIES, SLOW_EVERY).await;
    let pages = Arc::new(contender.bff.pages(&stage.client));
    let work = move |number| {
        let pages = Arc::clone(&pages);
        async move { send(&pages, number, 200, is_whole).await }
    };
    let turn = open(RATE, time, work).await;
    contender.times.extend(turn.times);
    contender.failed += turn.failed;
    for at in 0..3 {
        contender.calls += stage.requests(at).await;
    }
}

fn print(contenders: &mut [Contender]) {
    println!("| | p50 | p90 | p99 | p99.5 | p99.9 | more calls | failed |");
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    let mut curves = Vec::new();
    for contender in contenders {
        contender.times.sort_unstable();
        let times = &contender.times;
        let figure = |part| millis(percentile(times, part));
        let parts = [0.5, 0.9, 0.99, 0.995, 0.999];
        let parts = parts.map(|part| show(figure(part))).join(" | ");
        let first = 3.0 * times.len() as f64;
        let more = 100.0 * (contender.calls as f64 / first - 1.0);
        println!(
            "| {} | {parts} | {more:.2} % | {} |",
            contender.name, contender.failed
        );
        // From half of them to one in a thousand.
        let points = (3..=30).map(|tenth| {
            let slower = 10_f64.powf(-f64::from(tenth) / 10.0);
            (figure(1.0 - slower), slower)
        });
        curves.push(Curve {
            name: contender.name,
            points: points.collect(),
        });
    }
    chart::keep(
        "hedging",
        &chart::curves(
            "How many pages take longer",
            "milliseconds",
            "share of pages",
            &curves,
        ),
    );
}
