//! The program is killed under load, again and again.

use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    bank::{Bank, connect, new_database, until},
    invariants,
    load::{Load, Record, seed},
};

const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_lose_nothing_and_do_nothing_twice() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let url = new_database().await;
    let mut bank = Bank::start(&url).await;
    let mut load = Load::start(seed, &[&bank.url]).await;
    for kill in 0..KILLS {
        load.goes_on(random.random_range(1..20)).await;
        if kill % 2 == 0 {
            freeze_within_a_page(&bank, &url).await;
        }
        bank.kill().await;
        bank = Bank::start(&url).await;
        load.moves(0, &bank.url);
    }
    load.goes_on(1).await;
    let record = load.stop().await;
    invariants::hold(&url, &bank.url, &record).await;
    only(&record, &[200, 201, 409, 422, 503]);
    assert!(record.broken >= KILLS, "nobody noticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_banks_on_one_database_take_over_from_each_other() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let url = new_database().await;
    let mut banks = [Bank::start(&url).await, Bank::start(&url).await];
    let addresses = banks.each_ref().map(|bank| bank.url.as_str());
    let mut load = Load::start(seed, &addresses).await;
    for _ in 0..KILLS {
        load.goes_on(random.random_range(1..20)).await;
        let unlucky = random.random_range(0..banks.len());
        banks[unlucky].kill().await;
        // The other one serves all meanwhile.
        load.goes_on(random.random_range(1..10)).await;
        banks[unlucky] = Bank::start(&url).await;
        load.moves(unlucky, &banks[unlucky].url);
    }
    load.goes_on(1).await;
    let record = load.stop().await;
    invariants::hold(&url, &banks[0].url, &record).await;
    only(&record, &[200, 201, 409, 422, 503]);
    assert!(record.broken > 0, "nobody noticed");
}

/// Stops the bank while the read model has a page that is written and not
/// committed. A bank that does not run does not commit it either.
async fn freeze_within_a_page(bank: &Bank, url: &str) {
    let is_within = async || {
        let mut database = connect(url).await;
        bank.freeze();
        let query = sqlx::query_scalar(
            "SELECT count(*) > 0 FROM pg_stat_activity
             WHERE datname = current_database()
               AND state = 'idle in transaction'
               AND query LIKE 'INSERT INTO account_balances%'",
        );
        let is_within: bool = query.fetch_one(&mut database).await.unwrap();
        if !is_within {
            bank.thaw();
        }
        is_within
    };
    until("a page is being written", is_within).await;
}

/// Nothing else has been answered.
pub(crate) fn only(record: &Record, statuses: &[u16]) {
    let mut seen = record.statuses.keys();
    assert!(
        seen.all(|status| statuses.contains(status)),
        "{:?}",
        record.statuses
    );
}
