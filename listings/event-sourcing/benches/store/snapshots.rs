//! How long it takes to load an account, by the length of its stream, with a
//! snapshot and without.

use std::time::{Duration, Instant};

use event_sourcing::{
    accounts::{Accounts, STATE_SCHEMA},
    domain::AccountId,
    services::Services,
    snapshots::{Snapshot, Snapshots},
};

use crate::{
    replay,
    support::{
        bank::{about, new_bank, no_telemetry, server, services},
        chart::{self, Curve},
        measure::{Effort, millis, percentile},
    },
};

const LENGTHS: [u64; 5] = [1, 10, 100, 1_000, 10_000];

/// The events that a load with an interval of 500 has to fold on average.
const TAIL: i64 = 250;

/// How the account is loaded: from nothing, from a snapshot [`TAIL`] events
/// ago, from one of the last event.
const WAYS: [&str; 3] = [
    "no snapshot",
    "250 events behind it",
    "the last event's snapshot",
];

pub(crate) async fn run(effort: Effort) {
    let server = server();
    let (database, plain) = new_bank(&server, 1, 0).await;
    let with = services(&no_telemetry(), &server.url(&database), 1, 500).await;
    println!("| Events | {} | {} | {} |", WAYS[0], WAYS[1], WAYS[2]);
    println!("|--:|--:|--:|--:|");
    let mut curves = WAYS.map(|name| Curve {
        name,
        points: Vec::new(),
    });
    for length in LENGTHS {
        let ways = ways(&plain, &with, length).await;
        let times = load(&ways, length, effort).await;
        let mut cells = Vec::new();
        for (curve, time) in curves.iter_mut().zip(times) {
            cells.push(time.map_or("–".to_owned(), millis));
            let point = time.map(|it| (length as f64, it.as_secs_f64() * 1e3));
            curve.points.extend(point);
        }
        println!("| {length} | {} |", cells.join(" | "));
    }
    println!(
        "\n{}, one client, medians of interleaved loads.",
        about(&server)
    );
    let chart = chart::curves(
        "Time to load an account",
        "events in its stream",
        "ms",
        &curves,
    );
    chart::keep("snapshots", &chart);
}

/// Accounts of this length, and how to load each.
async fn ways(
    plain: &Services,
    with: &Services,
    length: u64,
) -> [Option<(Accounts, AccountId)>; 3] {
    let without = AccountId::random();
    replay::append(plain, without, length).await;
    let head = length as i64;
    [
        Some((plain.accounts.clone(), without)),
        match head > TAIL {
            true => Some(snapshotted(plain, with, length, head - TAIL).await),
            false => None,
        },
        Some(snapshotted(plain, with, length, head).await),
    ]
}

/// An account of this length with a snapshot of this version.
async fn snapshotted(
    plain: &Services,
    with: &Services,
    length: u64,
    version: i64,
) -> (Accounts, AccountId) {
    let account = AccountId::random();
    replay::append(plain, account, length).await;
    let loaded = plain.accounts.load_as_of(account, version).await.unwrap();
    let snapshot = Snapshot {
        head: loaded.head,
        state: loaded.account,
    };
    Snapshots::new(with.database.clone(), STATE_SCHEMA)
        .keep(account.0, &snapshot)
        .await
        .unwrap();
    (with.accounts.clone(), account)
}

/// The median time of each way.
async fn load(
    ways: &[Option<(Accounts, AccountId)>; 3],
    length: u64,
    effort: Effort,
) -> [Option<Duration>; 3] {
    let rounds = effort.size(500).max(2);
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..rounds {
        for (way, times) in ways.iter().zip(&mut times) {
            let Some((accounts, account)) = way else {
                continue;
            };
            let start = Instant::now();
            let loaded = accounts.load(*account).await.unwrap();
            times.push(start.elapsed());
            assert_eq!(loaded.head.version as u64, length);
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        (!times.is_empty()).then(|| percentile(&times, 0.5))
    })
}
