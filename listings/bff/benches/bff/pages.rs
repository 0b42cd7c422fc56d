//! What the BFF adds to the time of its slowest backend.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::RequestBuilder;

use crate::{
    figures::{Effort, median, millis, show},
    load::{Turn, open},
    programs,
    stage::{LATENCIES, PERSONS, Stage, is_whole, send},
};

/// Pages a second.
pub(crate) const RATE: u32 = 200;

pub(crate) async fn run(effort: Effort) {
    let stage = Stage::set().await;
    stage.usual(LATENCIES, 0).await;
    let bff = stage.bff(&[]).await;
    let pages = Arc::new(bff.pages(&stage.client));
    let calls = Arc::new(calls(&stage));
    let time = effort.seconds(6.0);
    let (mut direct, mut page) = (Vec::new(), Vec::new());
    let (mut asked, mut sent) = ([0; 3], 0);
    for _ in 0..effort.rounds() {
        let calls = Arc::clone(&calls);
        let ask = move |number| ask(Arc::clone(&calls), number);
        direct.push(open(RATE, time, ask).await);
        stage.usual(LATENCIES, 0).await;
        let pages = Arc::clone(&pages);
        let work = move |number| {
            let pages = Arc::clone(&pages);
            async move { send(&pages, number, 200, is_whole).await }
        };
        page.push(open(RATE, time, work).await);
        sent += page.last().map_or(0, |turn| turn.times.len());
        for (at, asked) in asked.iter_mut().enumerate() {
            *asked += stage.requests(at).await;
        }
    }
    print(&direct, &page);
    let failed = direct.iter().chain(&page).map(|turn| turn.failed);
    let per_page =
        asked.map(|asked| format!("{:.3}", asked as f64 / sent as f64));
    println!(
        "\n{RATE} pages a second, whether or not the ones before have come, for \
         {PERSONS} persons, without a cache; medians of {} interleaved turns of \
         {} s. The services take 5, 20 and 15 ms. Calls a page: {} to the user \
         service, {} to the order service, {} to the product service. Failed: \
         {}. {}",
        effort.rounds(),
        time.as_secs_f64(),
        per_page[0],
        per_page[1],
        per_page[2],
        failed.sum::<u64>(),
        programs::about(),
    );
}

/// The three calls of a page, for each person.
fn calls(stage: &Stage) -> Vec<[RequestBuilder; 3]> {
    let paths = ["/me", "/orders?limit=20", "/recommendations?limit=6"];
    let of = |number| {
        let token = Stage::token(number);
        [0, 1, 2].map(|at| {
            let url = format!("{}{}", stage.backend(at), paths[at]);
            stage.client.get(url).bearer_auth(&token)
        })
    };
    (0..PERSONS).map(of).collect()
}

/// Makes them at once, as a client without a BFF would.
async fn ask(calls: Arc<Vec<[RequestBuilder; 3]>>, number: usize) -> bool {
    let calls = &calls[number % calls.len()];
    let one = |call| send(std::slice::from_ref(call), 0, 200, |_| true);
    let all = join_all(calls.iter().map(one)).await;
    all.into_iter().all(|is_ok| is_ok)
}

fn print(direct: &[Turn], page: &[Turn]) {
    println!("| | p50 | p90 | p99 |");
    println!("|---|--:|--:|--:|");
    let of = |turns: &[Turn], part| {
        median(turns.iter().map(|turn| millis(turn.percentile(part))))
    };
    let row = |name: &str, figure: &dyn Fn(f64) -> f64| {
        let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|p| show(figure(p)));
        println!("| {name} | {p50} | {p90} | {p99} |");
    };
    row("The three calls, made by the client", &|p| of(direct, p));
    row("The page, made by the BFF", &|p| of(page, p));
    row("What the BFF adds", &|p| of(page, p) - of(direct, p));
}
