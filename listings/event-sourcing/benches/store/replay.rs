//! Reading everything again: one long stream into an account, and the feed of
//! all streams into all accounts.

use std::{collections::HashMap, fs, time::Instant};

use event_sourcing::{
    codec,
    domain::{Account, AccountId},
    services::Services,
    store::{Append, Cause, FeedCursor, Head, StreamId},
};

use crate::support::{
    bank::{about, deposit, new_bank, open, server},
    measure::{Effort, median, whole},
};

/// Events a stream in the feed.
const EACH: u64 = 100;

/// Events a page of the feed, as a projection reads them that is rebuilt.
const PAGE: i64 = 1_000;

pub(crate) async fn run(effort: Effort) {
    let start = memory("VmRSS:");
    let server = server();
    let (small, large) = (effort.size(100_000), effort.size(1_000_000));
    println!("| What | Events | Time | Events per second |");
    println!("|---|--:|--:|--:|");

    let (database, bank) = new_bank(&server, 4, 0).await;
    let account = AccountId::random();
    append(&bank, account, large).await;
    settle(&server, &database);
    let (seconds, most) = stream(&bank, effort, account, large).await;
    row("one stream into its account", large, seconds);

    let (database, bank) = new_bank(&server, 4, 0).await;
    fill(&bank, small / EACH).await;
    settle(&server, &database);
    let first = feed(&bank, effort, small).await;
    row("the feed into all accounts", small, first);
    fill(&bank, (large - small) / EACH).await;
    settle(&server, &database);
    let second = feed(&bank, effort, large).await;
    row("the feed into all accounts", large, second);

    println!(
        "\nTen times the feed took {:.1} times as long. The process grew by \
         {:.0} MB in all until the stream was loaded. {}; events decoded and \
         folded, medians of {} runs.",
        second / first,
        most - start,
        about(&server),
        effort.rounds().min(3),
    );
}

fn row(what: &str, events: u64, seconds: f64) {
    println!(
        "| {what} | {} | {seconds:.2} s | {} |",
        whole(events as f64),
        whole(events as f64 / seconds),
    );
}

/// Visibility of rows and statistics, as a log that has been there for a
/// while has them.
fn settle(server: &throwaway::postgres::Server, database: &str) {
    server
        .psql(database, "ANALYZE events")
        .and_then(|_| server.psql(database, "CHECKPOINT"))
        .unwrap();
}

/// Appends so many streams.
async fn fill(bank: &Services, streams: u64) {
    for _ in 0..streams {
        append(bank, AccountId::random(), EACH).await;
    }
}

/// Opens an account and pays in, a thousand events at a time.
pub(crate) async fn append(bank: &Services, account: AccountId, events: u64) {
    let mut state = Account::default();
    let mut head = Head::NONE;
    let mut left = events;
    while left > 0 {
        let mut batch = Vec::new();
        for _ in 0..left.min(1_000) {
            let command = match state {
                Account::Unopened => open(),
                _ => deposit(),
            };
            for event in state.decide(account, command).unwrap() {
                batch.push(codec::encode(&event));
                state = state.evolve(&event).unwrap();
            }
        }
        left -= batch.len() as u64;
        let append = Append {
            stream: account.0,
            head,
            events: &batch,
            answer: None,
        };
        let cause = Cause::outside("bench");
        head = bank.store.append(&[append], &cause).await.unwrap()[0];
    }
}

/// Seconds to read and fold the feed.
async fn feed(bank: &Services, effort: Effort, events: u64) -> f64 {
    let mut times = Vec::new();
    for _ in 0..effort.rounds().min(3) {
        let start = Instant::now();
        let mut accounts = HashMap::<StreamId, Account>::new();
        let mut cursor = FeedCursor::START;
        let mut count = 0;
        loop {
            let (page, _) = bank.store.feed(cursor, PAGE).await.unwrap();
            let Some(last) = page.last() else { break };
            cursor = last.cursor();
            count += page.len() as u64;
            for event in &page {
                let account = accounts.entry(event.stream_id).or_default();
                let state = std::mem::take(account);
                let event = codec::decode(event).unwrap();
                *account = state.evolve(&event).unwrap();
            }
        }
        times.push(start.elapsed().as_secs_f64());
        assert_eq!(count, events);
    }
    median(times)
}

/// Seconds to load an account, and the most megabytes the process needed
/// meanwhile.
async fn stream(
    bank: &Services,
    effort: Effort,
    account: AccountId,
    events: u64,
) -> (f64, f64) {
    // What was the most before no longer counts.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let mut times = Vec::new();
    for _ in 0..effort.rounds().min(3) {
        let start = Instant::now();
        let loaded = bank.accounts.load(account).await.unwrap();
        times.push(start.elapsed().as_secs_f64());
        assert_eq!(loaded.head.version as u64, events);
    }
    (median(times), memory("VmHWM:"))
}

/// Megabytes of this process.
fn memory(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<f64>().unwrap() / 1024.0
}
