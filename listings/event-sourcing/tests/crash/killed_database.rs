//! PostgreSQL is killed under the program, which goes on without help.

use std::sync::Arc;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use throwaway::postgres::{Durability, Options, Server};
use tokio::task::spawn_blocking;

use crate::{
    bank::{Bank, until},
    commands::{client, get},
    invariants,
    killed_bank::only,
    load::{Load, seed},
};

const ROUNDS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bank_outlives_its_database() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    // How to make sure of the files in a recovery: all at once is quicker.
    let options = Options::new(Durability::Real)
        .setting("recovery_init_sync_method", "syncfs");
    let starting = spawn_blocking(|| Arc::new(options.start().unwrap()));
    let server = starting.await.unwrap();
    let url = server.url("postgres");
    let mut bank = Bank::start(&url).await;
    let mut load = Load::start(seed, &[&bank.url]).await;
    for _ in 0..ROUNDS {
        load.goes_on(random.random_range(20..120)).await;
        on(&server, |server| server.kill().unwrap()).await;
        until("not ready", async || ready(&bank).await == 503).await;
        assert_eq!(status(&bank, "/health/live").await, 200);
        on(&server, |server| server.restart().unwrap()).await;
        until("ready", async || ready(&bank).await == 200).await;
    }
    load.goes_on(20).await;
    let record = load.stop().await;
    assert!(bank.runs());
    invariants::hold(&url, &bank.url, &record).await;
    until("well", async || status(&bank, "/health").await == 200).await;
    only(&record, &[200, 201, 409, 422, 503]);
    assert!(record.statuses[&503] >= ROUNDS, "nobody noticed");
    assert_eq!(record.broken, 0, "each request is answered");
}

/// Does something to the server that takes a while.
async fn on(server: &Arc<Server>, what: fn(&Server)) {
    let server = Arc::clone(server);
    spawn_blocking(move || what(&server)).await.unwrap();
}

async fn ready(bank: &Bank) -> u16 {
    status(bank, "/health/ready").await
}

async fn status(bank: &Bank, path: &str) -> u16 {
    get(&client(), &bank.url, path).await.unwrap().status
}
