//! Work that is dropped where it waits: a client that hangs up, a request
//! that takes too long, a task that is aborted.

use event_sourcing::services::Services;
use sqlx::PgConnection;
use tokio::task::yield_now;

use crate::harness::{Bank, connect, number, until};

/// Polls `work` so many times and drops it.
async fn cut_short<T>(work: impl Future<Output = T>, polls: usize) {
    let patience = async {
        for _ in 0..polls {
            yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = work => {}
        () = patience => {}
    }
}

/// Connections of this database inside a transaction, which nobody is about
/// to end: all of the pool is at rest.
async fn forgotten(services: &Services, owner: &mut PgConnection) -> i64 {
    let pool = services.database.pool();
    until(async || pool.num_idle() == pool.size() as usize).await;
    let open = "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database()
           AND state LIKE 'idle in transaction%'";
    number(owner, open).await
}

#[tokio::test]
async fn a_transaction_that_is_cut_short_is_not_left_open() {
    let bank = Bank::new().await;
    let database = &bank.services.database;
    let mut owner = connect(&bank.url).await;
    for polls in 0..200 {
        cut_short(database.begin(), polls).await;
        // The task that begins may still be at it, but not for ever.
        let none = async || forgotten(&bank.services, &mut owner).await == 0;
        until(none).await;
    }
}

/// The control. When it fails, sqlx has been mended, and `Database::begin`
/// need not be more than the pool's.
#[tokio::test]
async fn the_pool_itself_leaves_it_open() {
    let bank = Bank::new().await;
    let pool = bank.services.database.pool();
    let mut owner = connect(&bank.url).await;
    let mut polls = 0..;
    until(async || {
        cut_short(pool.begin(), polls.next().unwrap() % 200).await;
        forgotten(&bank.services, &mut owner).await > 0
    })
    .await;
}
