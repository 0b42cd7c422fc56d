//! Measures commands per second of all contenders, turn by turn, and prints a
//! table.
//!
//! ```console
//! cargo run --release -- --bench
//! ```
//!
//! Without `--bench` each contender has one short turn, to try it.

#[path = "../../../listings/event-sourcing/benches/store/support/mod.rs"]
mod support;

use std::sync::Arc;

use event_sourcing::domain::AccountId;
use event_sourcing_peers::{
    Contender,
    mire_bank::MireBank,
    our_bank::{OurBank, OurStore},
    postgres_es_bank::{PostgresEsBank, SCHEMA, Truth},
    raw::Raw,
};
use support::{
    bank::{about, new_bank, server},
    chart::{self, Bar},
    measure::{Effort, Turn, drive, median, millis, processor_time, whole},
};
use throwaway::postgres::Server;

const CLIENTS: usize = 32;
const ACCOUNTS: usize = 2_000;

/// What a store with one global lock does in its append.
const LOCK: &str = "
    CREATE FUNCTION one_at_a_time() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END';
    CREATE TRIGGER one_at_a_time BEFORE INSERT ON events
        FOR EACH STATEMENT EXECUTE FUNCTION one_at_a_time();";

/// One line of the table: who, with how many events a command.
struct Line {
    name: &'static str,
    events: usize,
    ours: bool,
    turns: Vec<Turn>,
}

fn line(name: &'static str, events: usize, ours: bool) -> Line {
    Line {
        name,
        events,
        ours,
        turns: Vec::new(),
    }
}

struct Contenders {
    /// The number of the server's process.
    server: u32,
    raw: Arc<Raw>,
    store: Arc<OurStore>,
    bank: Arc<OurBank>,
    locked: Arc<OurStore>,
    postgres_es: Arc<PostgresEsBank>,
    mire: Arc<MireBank>,
}

const WARM_UP: f64 = 0.5;

#[tokio::main]
async fn main() {
    let effort = Effort::from_args();
    let server = server();
    let contenders = contenders(&server).await;
    let mut lines = [
        line("raw sqlx INSERT", 1, false),
        line("this book's store", 1, true),
        line("this book's bank, with keys", 1, true),
        line("this book's store, global lock", 1, false),
        line("postgres-es", 1, false),
        line("mire", 1, false),
        line("this book's store", 10, true),
        line("postgres-es", 10, false),
        line("mire", 10, false),
    ];
    for at in 0..lines.len() {
        turn(&contenders, at, effort, WARM_UP).await;
    }
    for round in 0..effort.rounds() {
        // Nobody always comes after the same one.
        for step in 0..lines.len() {
            let at = match round % 2 {
                0 => step,
                _ => lines.len() - 1 - step,
            };
            lines[at]
                .turns
                .push(turn(&contenders, at, effort, 2.0).await);
        }
    }
    print(&lines);
    println!(
        "\n{CLIENTS} clients with a connection each; each command loads the \
         whole stream of one of {ACCOUNTS} accounts, decides and appends. \
         One domain for all, no snapshots, no telemetry. postgres-es {}, \
         mire {}. CPU time is that of clients and server together. {}, \
         medians of {} interleaved turns of 2 s.",
        version("postgres-es"),
        version("mire"),
        about(&server),
        effort.rounds(),
    );
    draw(&lines);
}

async fn contenders(server: &Server) -> Contenders {
    let connections = CLIENTS as u32;
    let empty = || {
        let database = server.new_database(None).unwrap();
        (server.url(&database), database)
    };
    let (postgres_es, database) = empty();
    server.psql(&database, SCHEMA).unwrap();
    let (_, plain) = new_bank(server, CLIENTS, 0).await;
    let (_, bank) = new_bank(server, CLIENTS, 0).await;
    let (locked_database, locked) = new_bank(server, CLIENTS, 0).await;
    server.psql(&locked_database, LOCK).unwrap();
    Contenders {
        server: server.process_id().unwrap(),
        raw: Arc::new(Raw::new(&empty().0, connections).await),
        store: Arc::new(OurStore(plain)),
        bank: Arc::new(OurBank(OurStore(bank))),
        locked: Arc::new(OurStore(locked)),
        postgres_es: Arc::new(
            PostgresEsBank::new(&postgres_es, connections, Truth::Events).await,
        ),
        mire: Arc::new(MireBank::new(&empty().0, connections).await),
    }
}

/// Lets the contender of line `at` work for a while.
async fn turn(
    contenders: &Contenders,
    at: usize,
    effort: Effort,
    seconds: f64,
) -> Turn {
    let Contenders {
        server,
        raw,
        store,
        bank,
        locked,
        postgres_es,
        mire,
    } = contenders;
    match at {
        0 => work(server, raw, 1, effort, seconds).await,
        1 => work(server, store, 1, effort, seconds).await,
        2 => work(server, bank, 1, effort, seconds).await,
        3 => work(server, locked, 1, effort, seconds).await,
        4 => work(server, postgres_es, 1, effort, seconds).await,
        5 => work(server, mire, 1, effort, seconds).await,
        6 => work(server, store, 10, effort, seconds).await,
        7 => work(server, postgres_es, 10, effort, seconds).await,
        _ => work(server, mire, 10, effort, seconds).await,
    }
}

/// Opens accounts and then, by the clock, pays into them.
async fn work<C: Contender>(
    server: &u32,
    contender: &Arc<C>,
    events: usize,
    effort: Effort,
    seconds: f64,
) -> Turn {
    let accounts: Arc<[_]> =
        (0..ACCOUNTS).map(|_| AccountId::random()).collect();
    let mut opening = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let (contender, accounts) = (contender.clone(), accounts.clone());
        opening.spawn(async move {
            for account in accounts.iter().skip(client).step_by(CLIENTS) {
                contender.open(*account).await;
            }
        });
    }
    opening.join_all().await;
    let paying = {
        let (contender, accounts) = (contender.clone(), accounts.clone());
        move |_| {
            let contender = contender.clone();
            let account = accounts[rand::random_range(0..ACCOUNTS)];
            async move { contender.deposit(account, events).await }
        }
    };
    let before = processor_time(*server);
    let mut turn = drive(CLIENTS, effort.seconds(seconds), paying).await;
    turn.processor = processor_time(*server) - before;
    let mut looking = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let (contender, accounts) = (contender.clone(), accounts.clone());
        looking.spawn(async move {
            let mut sum = 0;
            for account in accounts.iter().skip(client).step_by(CLIENTS) {
                sum += contender.balance(*account).await;
            }
            sum
        });
    }
    let sum: i64 = looking.join_all().await.into_iter().sum();
    assert_eq!(sum as u64, turn.ok * events as u64, "deposits went missing");
    turn
}

/// Microseconds of processor time that a command took.
fn processor(turn: &Turn) -> f64 {
    turn.processor.as_secs_f64() * 1e6 / turn.ok as f64
}

fn rate(line: &Line) -> f64 {
    median(line.turns.iter().map(Turn::rate))
}

/// How many times as fast as `other`, turn by turn.
fn ratio(line: &Line, other: &Line) -> f64 {
    let pairs = line.turns.iter().zip(&other.turns);
    median(pairs.map(|(one, other)| one.rate() / other.rate()))
}

fn print(lines: &[Line; 9]) {
    println!(
        "| Who | Events a command | Commands per second | p50 | p99 | CPU time \
         a command | Ours is faster by |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for line in lines {
        let time = |part| {
            let seconds = line
                .turns
                .iter()
                .map(|turn| turn.percentile(part).as_secs_f64());
            millis(std::time::Duration::from_secs_f64(median(seconds)))
        };
        let ours = if line.events == 1 {
            &lines[1]
        } else {
            &lines[6]
        };
        println!(
            "| {} | {} | {} | {} | {} | {:.0} µs | {:.2} |",
            line.name,
            line.events,
            whole(rate(line)),
            time(0.5),
            time(0.99),
            median(line.turns.iter().map(processor)),
            ratio(ours, line),
        );
    }
}

fn draw(lines: &[Line]) {
    let bars: Vec<_> = lines
        .iter()
        .filter(|line| line.events == 1)
        .map(|line| Bar {
            name: line.name,
            value: rate(line),
            ours: line.ours,
        })
        .collect();
    let chart = chart::bars(
        "Commands per second, 32 clients",
        "Commands per second",
        &bars,
    );
    chart::keep("peers", &chart);
}

/// The version of a library, out of the lock file that this was built with.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let name = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&name).unwrap();
    rest.split('"').next().unwrap()
}
