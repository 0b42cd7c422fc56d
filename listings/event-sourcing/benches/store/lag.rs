//! How long after a command its effect is in the read model, at a steady
//! rate of commands.

use std::time::{Duration, Instant};

use event_sourcing::services::Services;
use throwaway::postgres::Server;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::support::{
    bank::{
        about, deposit, execute, new_bank, no_telemetry, open_accounts, server,
        services,
    },
    measure::{Effort, millis, percentile},
};

/// Commands per second.
const RATE: u32 = 300;
const ACCOUNTS: usize = 2_000;

/// Longest wait for a read model.
const LIMIT: Duration = Duration::from_secs(30);

/// How the projection learns that there is something new.
#[derive(Clone, Copy)]
enum News {
    /// It is in the process that appends.
    Bell,
    /// It is in another process, which listens.
    Notify,
    /// Not at all: it looks four times a second.
    Poll,
}

pub(crate) async fn run(effort: Effort) {
    let server = server();
    println!("| The projection is | Commands | p50 | p90 | p99 | slowest |");
    println!("|---|--:|--:|--:|--:|--:|");
    for (name, news) in [
        ("in the process that appends", News::Bell),
        ("in another one, woken by NOTIFY", News::Notify),
        ("in another one, and only polls", News::Poll),
    ] {
        let lags = lags(&server, news, effort).await;
        let part = |part| millis(percentile(&lags, part));
        println!(
            "| {name} | {} | {} | {} | {} | {} |",
            lags.len(),
            part(0.5),
            part(0.9),
            part(0.99),
            part(1.0),
        );
    }
    println!(
        "\n{RATE} deposits per second into {ACCOUNTS} accounts; from the \
         answer to the command until a reader of the balances finds it. {}.",
        about(&server)
    );
}

/// The time from each answer to the balance with it, sorted.
async fn lags(server: &Server, news: News, effort: Effort) -> Vec<Duration> {
    let (database, writer) = new_bank(server, 16, 500).await;
    let reader = match news {
        News::Bell => writer.clone(),
        News::Notify | News::Poll => {
            let url = server.url(&database);
            services(&no_telemetry(), &url, 16, 500).await
        }
    };
    let mut wakeup = JoinSet::new();
    if let News::Notify = news {
        let database = writer.database.clone();
        wakeup.spawn(writer.wakeup.clone().tell_others(database));
        let database = reader.database.clone();
        wakeup.spawn(reader.wakeup.clone().hear_others(database));
    }
    let running = reader.projections.spawn();
    let lags = pay_in(&writer, &reader, effort).await;
    running.stop().await;
    wakeup.shutdown().await;
    lags
}

async fn pay_in(
    writer: &Services,
    reader: &Services,
    effort: Effort,
) -> Vec<Duration> {
    let accounts = open_accounts(writer, ACCOUNTS).await;
    // Every account is in the read model before the clock starts.
    for account in &accounts {
        let balances = reader.projections.balances();
        balances.at_least(*account, 1, LIMIT).await.unwrap();
    }
    let mut tick = interval(Duration::from_secs(1) / RATE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    while start.elapsed() < effort.seconds(8.0) {
        tick.tick().await;
        let account = accounts[rand::random_range(0..ACCOUNTS)];
        let (writer, reader) = (writer.clone(), reader.clone());
        tasks.spawn(async move {
            let reply = execute(&writer, account, deposit()).await.unwrap();
            let answered = Instant::now();
            let balances = reader.projections.balances();
            balances
                .at_least(account, reply.version, LIMIT)
                .await
                .unwrap();
            answered.elapsed()
        });
    }
    let mut lags = tasks.join_all().await;
    lags.sort_unstable();
    lags
}
