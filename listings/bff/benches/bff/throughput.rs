//! How many pages one core makes, and how long one takes, at once and in turn.

use std::{sync::Arc, time::Duration};

use crate::{
    chart::{self, Bar},
    figures::{Effort, median, millis, show, whole},
    load::{Turn, closed, open},
    programs,
    stage::{Bff, LATENCIES, Stage, is_whole, send},
};

/// Clients that ask as fast as they are answered.
const CLIENTS: usize = 16;

/// Pages a second where the time of a page is measured: few, for the ones that
/// are made in turn.
const RATE: u32 = 100;

struct Contender {
    name: &'static str,
    bff: Bff,
    /// Microseconds of the BFF's processor time for a page.
    costs: Vec<f64>,
    times: Vec<f64>,
    failed: u64,
}

pub(crate) async fn run(effort: Effort) {
    let stage = Stage::set().await;
    stage.usual([0; 3], 0).await;
    let contender = |name, bff| Contender {
        name,
        bff,
        costs: Vec::new(),
        times: Vec::new(),
        failed: 0,
    };
    // Nobody wants to be asked twice by chance while all cores are busy.
    let no_hedge = [("HEDGE_AFTER_MS", "0"), ("CONCURRENCY", "1000")];
    let mut contenders = [
        contender("no fan-out, from memory", stage.variant("plain")),
        contender("one call after the other", stage.variant("in-turn")),
        contender("all calls at once", stage.variant("at-once")),
        contender("the program", stage.bff(&no_hedge).await),
    ];
    for _ in 0..effort.rounds() {
        for contender in &mut contenders {
            stage.usual([0; 3], 0).await;
            contender.hurry(&stage, effort.seconds(2.0)).await;
            stage.usual(LATENCIES, 0).await;
            contender.stroll(&stage, effort.seconds(1.0)).await;
        }
    }
    print(&contenders);
    println!(
        "\nPages a second of one core: from the processor time of the BFF, with \
         {CLIENTS} clients that ask as fast as they are answered, and backends \
         that answer at once. (The clients and the backends need more of it \
         than the BFF, so no rate that they reach would say anything.) p50: {RATE} pages a second, \
         backends that take 5, 20 and 15 ms. Medians of {} interleaved turns. \
         The program has sessions, guards and single flight on top, and a \
         cache that keeps nothing. All of them send all their telemetry. {}",
        effort.rounds(),
        programs::about(),
    );
}

impl Contender {
    async fn hurry(&mut self, stage: &Stage, time: Duration) {
        let pages = Arc::new(self.bff.pages(&stage.client));
        let before = self.bff.program.processor_time();
        let turn = closed(CLIENTS, time, move |client| {
            let pages = Arc::clone(&pages);
            async move { send(&pages, client, 200, is_whole).await }
        });
        let turn = turn.await;
        let used = self.bff.program.processor_time() - before;
        self.costs.push(per_page(used, &turn));
        self.failed += turn.failed;
    }

    async fn stroll(&mut self, stage: &Stage, time: Duration) {
        let pages = Arc::new(self.bff.pages(&stage.client));
        let turn = open(RATE, time, move |number| {
            let pages = Arc::clone(&pages);
            async move { send(&pages, number, 200, is_whole).await }
        });
        let turn = turn.await;
        self.times.push(millis(turn.percentile(0.5)));
        self.failed += turn.failed;
    }
}

/// Microseconds of processor time for each answer.
fn per_page(used: Duration, turn: &Turn) -> f64 {
    used.as_secs_f64() * 1e6 / turn.times.len() as f64
}

fn print(contenders: &[Contender]) {
    println!(
        "| The page is made with | pages/s of one core | of plain | processor \
         time a page | p50 | failed |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    let cost = |contender: &Contender| median(contender.costs.iter().copied());
    let plain = cost(&contenders[0]);
    let mut bars = Vec::new();
    for contender in contenders {
        let cost = cost(contender);
        println!(
            "| {} | {} | {:.2} | {} µs | {} | {} |",
            contender.name,
            whole(1e6 / cost),
            plain / cost,
            whole(cost),
            show(median(contender.times.iter().copied())),
            contender.failed,
        );
        bars.push(Bar {
            name: contender.name,
            value: 1e6 / cost,
            ours: contender.name == "the program",
        });
    }
    let chart = chart::bars("Pages a second on one core", "pages/s", &bars);
    chart::keep("throughput", &chart);
}
