//! What telemetry costs of the BFF's processor time.

use std::{sync::Arc, time::Duration};

use reqwest::RequestBuilder;

use crate::{
    figures::{Effort, whole},
    load::open,
    programs,
    stage::{Bff, LATENCIES, Stage, is_whole, send},
};

/// Requests a second: few enough for everything to be sent.
const RATE: u32 = 500;

const QUERY: &str = "{ orders(first: 20) { id status product { title } } }";

const OFF: &[(&str, &str)] = &[("OTEL_SDK_DISABLED", "true")];
const FEW: &[(&str, &str)] = &[
    ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
    ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
];
const ALL: &[(&str, &str)] = &[];

struct Contender {
    name: &'static str,
    bff: Bff,
    /// Processor time and requests, for pages and for questions to the graph.
    costs: [(Duration, usize); 2],
    failed: u64,
}

pub(crate) async fn run(effort: Effort) {
    let stage = Stage::set().await;
    stage.usual(LATENCIES, 0).await;
    let mut contenders = Vec::new();
    for (name, settings) in [
        ("off", OFF),
        ("one trace in a hundred", FEW),
        ("all traces", ALL),
    ] {
        let common = [("GRAPHQL_OPERATIONS", "open"), ("HEDGE_AFTER_MS", "0")];
        let settings = [&common, settings].concat();
        contenders.push(Contender {
            name,
            bff: stage.bff(&settings).await,
            costs: [(Duration::ZERO, 0); 2],
            failed: 0,
        });
    }
    let time = effort.seconds(2.5);
    for _ in 0..effort.rounds() {
        for contender in &mut contenders {
            let pages = contender.bff.pages(&stage.client);
            contender.turn(0, pages, is_whole, time).await;
            let questions = contender.bff.questions(&stage.client, QUERY);
            contender.turn(1, questions, is_answer, time).await;
        }
    }
    print(&contenders);
    println!(
        "\nProcessor time of the BFF for a request, at {RATE} requests a \
         second in {} interleaved turns of {} s each. The question to the \
         graph is for 20 orders with the title of the product of each. \
         Metrics and logs go with the traces. {}",
        effort.rounds(),
        time.as_secs_f64(),
        programs::about(),
    );
}

fn is_answer(body: &[u8]) -> bool {
    body.starts_with(b"{\"data\":{\"orders\":[{")
}

impl Contender {
    async fn turn(
        &mut self,
        what: usize,
        requests: Vec<RequestBuilder>,
        is_good: fn(&[u8]) -> bool,
        time: Duration,
    ) {
        let requests = Arc::new(requests);
        let before = self.bff.program.processor_time();
        let turn = open(RATE, time, move |number| {
            let requests = Arc::clone(&requests);
            async move { send(&requests, number, 200, is_good).await }
        });
        let turn = turn.await;
        let used = self.bff.program.processor_time() - before;
        let (time, requests) = &mut self.costs[what];
        *time += used;
        *requests += turn.times.len();
        self.failed += turn.failed;
    }
}

fn print(contenders: &[Contender]) {
    println!(
        "| Telemetry | `GET /web/home` | more | `POST /graphql` | more | \
         failed |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    let cost = |contender: &Contender, what: usize| {
        let (time, requests) = contender.costs[what];
        time.as_secs_f64() * 1e6 / requests as f64
    };
    for contender in contenders {
        let figures = [0, 1].map(|what| {
            let own = cost(contender, what);
            let more = 100.0 * (own / cost(&contenders[0], what) - 1.0);
            format!("{} µs | {more:.1} %", whole(own))
        });
        let name = contender.name;
        println!(
            "| {name} | {} | {} |",
            figures.join(" | "),
            contender.failed
        );
    }
}
