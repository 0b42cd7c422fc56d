//! What telemetry costs the program: the same commands without it, with a
//! collector that takes everything, and with one that is down.
//!
//! Each turn is a process of its own, because telemetry is installed once a
//! process.

use std::{
    env,
    net::SocketAddr,
    process::{Command, Stdio},
    time::Duration,
};

use telemetry::{Config, Telemetry};
use tokio::{net::TcpListener, task::spawn_blocking};

use crate::support::{
    bank::{
        about, deposit, execute, new_bank, open_accounts, server, services,
    },
    measure::{Effort, drive, median, whole},
};

const CLIENTS: usize = 32;
const ACCOUNTS: usize = 2_000;

/// By this variable a process knows that it is to take a turn.
const TURN: &str = "BENCH_TURN";

/// What the collector does.
const MODES: [&str; 3] = ["no telemetry", "collector", "collector down"];

/// What came of one turn.
#[derive(Debug)]
struct Outcome {
    rate: f64,
    failed: u64,
    recorded: u64,
    delivered: u64,
}

pub(crate) async fn run(effort: Effort) {
    if let Ok(url) = env::var(TURN) {
        return take_turn(&url, effort).await;
    }
    let server = server();
    let (database, _bank) = new_bank(&server, 1, 500).await;
    let url = server.url(&database);
    let up = sink().await;
    let down = nobody().await;
    let mut outcomes: [Vec<Outcome>; 3] = Default::default();
    for round in 0..effort.rounds() {
        for at in 0..MODES.len() {
            let mode = (at + round) % MODES.len();
            let to = [None, Some(up), Some(down)][mode];
            outcomes[mode].push(turn(&url, to, effort).await);
        }
    }
    print(&outcomes);
    println!(
        "\n{CLIENTS} clients that pay into {ACCOUNTS} accounts, through the \
         bank, every trace sampled; the collector answers and does no more. \
         {}, medians of {} interleaved turns.",
        about(&server),
        effort.rounds(),
    );
}

fn print(outcomes: &[Vec<Outcome>; 3]) {
    println!(
        "| Telemetry | Commands per second | of those without | Commands \
         failed | Spans recorded | Spans delivered |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    for (mode, turns) in MODES.iter().zip(outcomes) {
        let rate = median(turns.iter().map(|turn| turn.rate));
        // Neighbours in time are compared, so that a slow minute counts for
        // both.
        let pairs = turns.iter().zip(&outcomes[0]);
        let part = median(pairs.map(|(turn, off)| turn.rate / off.rate));
        let sum = |field: fn(&Outcome) -> u64| -> f64 {
            turns.iter().map(field).sum::<u64>() as f64
        };
        println!(
            "| {mode} | {} | {part:.2} | {} | {} | {} |",
            whole(rate),
            whole(sum(|turn| turn.failed)),
            whole(sum(|turn| turn.recorded)),
            whole(sum(|turn| turn.delivered)),
        );
    }
}

/// Lets a new process take a turn.
async fn turn(url: &str, to: Option<SocketAddr>, effort: Effort) -> Outcome {
    let mut command = Command::new(env::current_exe().unwrap());
    command.arg("overhead").env(TURN, url);
    if effort.rounds() > 1 {
        command.arg("--bench");
    }
    match to {
        None => command.env("OTEL_SDK_DISABLED", "true"),
        Some(address) => command
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")),
    };
    // Lines for people go where a service manager would take them from.
    command.stderr(Stdio::null());
    let output = spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "a turn ended with {}",
        output.status
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let mut fields = text.split_whitespace();
    let mut next = || fields.next().unwrap();
    Outcome {
        rate: next().parse().unwrap(),
        failed: next().parse().unwrap(),
        recorded: next().parse().unwrap(),
        delivered: next().parse().unwrap(),
    }
}

/// Pays in for a while, with telemetry as the environment says, and prints
/// the fields of an [`Outcome`].
async fn take_turn(url: &str, effort: Effort) {
    let config = Config::from_env("bench", "0").unwrap();
    let telemetry = Telemetry::start(&config).unwrap();
    telemetry.install().unwrap();
    let bank = services(&telemetry, url, CLIENTS, 500).await;
    let accounts = open_accounts(&bank, ACCOUNTS).await;
    let work = move |_| {
        let bank = bank.clone();
        let account = accounts[rand::random_range(0..ACCOUNTS)];
        async move { execute(&bank, account, deposit()).await.is_ok() }
    };
    let turn = drive(CLIENTS, effort.seconds(3.0), work).await;
    let spans = match telemetry.shutdown(Duration::from_secs(5)).await {
        Ok(delivery) => delivery.spans,
        Err(undelivered) => undelivered.delivery().spans,
    };
    println!(
        "{} {} {} {}",
        turn.rate(),
        turn.refused,
        spans.recorded,
        spans.delivered
    );
}

/// A port that was free a moment ago: who connects is refused.
async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// Answers every request with 200, for as long as the process lives.
async fn sink() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback(async || ());
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}
