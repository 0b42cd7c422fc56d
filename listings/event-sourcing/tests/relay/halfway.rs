//! A process dies with a message half done. A lock on the row of the day stops
//! it at the very place.

use sqlx::{Connection, PgConnection};

use crate::{
    lab::{Lab, wait_until},
    poison::{message, publish},
};

const ROW: &str =
    "INSERT INTO daily_turnover VALUES ('2026-11-24', 'EUR', 0, 0, 0)";

const LOCK: &str = "SELECT FROM daily_turnover FOR UPDATE";

const WAITS: &str = "SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock')";

const CUT_OFF: &str = "SELECT count(pg_terminate_backend(pid, 10000))
    FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Kills a process while its statement waits for a lock. The statement goes
/// on without it, for all that PostgreSQL knows, unless it is `cut_off`.
/// Returns who has counted the message in the end.
async fn die_halfway(cut_off: bool) -> Vec<String> {
    let lab = Lab::new().await;
    let stream = lab.stream().await;
    let victim = lab.start_turnover("turnover-0", &[]).await;
    let mut blocker = PgConnection::connect(&lab.turnover).await.unwrap();
    let mut other = PgConnection::connect(&lab.turnover).await.unwrap();
    sqlx::query(ROW).execute(&mut other).await.unwrap();
    let mut transaction = blocker.begin().await.unwrap();
    sqlx::query(LOCK).execute(&mut *transaction).await.unwrap();
    publish(&lab, message("MoneyDeposited", "3")).await;
    loop {
        let waits = sqlx::query_scalar(WAITS).fetch_one(&mut other).await;
        if waits.unwrap() {
            break;
        }
    }

    victim.kill().await;
    if cut_off {
        let query = sqlx::query_scalar(CUT_OFF);
        let cut: i64 = query.fetch_one(&mut other).await.unwrap();
        assert_eq!(cut, 1);
    }
    transaction.commit().await.unwrap();
    let events = i64::from(!cut_off);
    wait_until("let go", async || lab.turnovers().await.events == events).await;
    assert_eq!(
        lab.pending(&stream).await,
        (0, 1),
        "nobody has said it is done"
    );

    let next = lab.start_turnover("turnover-1", &[]).await;
    let done = async || lab.pending(&stream).await == (0, 0);
    wait_until("done", done).await;
    assert_eq!(lab.turnovers().await.events, 1);
    next.stop().await;
    lab.workers().await
}

#[tokio::test]
async fn who_dies_before_the_commit_leaves_the_message_to_others() {
    assert_eq!(die_halfway(true).await, ["turnover-1"]);
}

#[tokio::test]
async fn who_dies_after_the_commit_has_done_it_for_all() {
    assert_eq!(die_halfway(false).await, ["turnover-0"]);
}
