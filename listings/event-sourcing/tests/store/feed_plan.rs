//! What PostgreSQL does to answer (F10). A feed that sorts is a feed whose
//! rebuild takes quadratic time.

use event_sourcing::store::{EVENTS, FEED};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    following::plan,
    harness::{Bank, connect, run},
};

/// A log that is long enough for the planner to care.
async fn long_log() -> (PgConnection, Uuid) {
    let bank = Bank::new().await;
    let mut owner = connect(&bank.url).await;
    let stream = Uuid::now_v7();
    let fill = format!(
        "INSERT INTO streams (stream_id, version, head_hash)
         SELECT '{stream}', 20000, decode(repeat('00', 32), 'hex');
         INSERT INTO events (stream_id, version, event_id, event_type,
             schema_version, payload, metadata, recorded_at, prev_hash, hash)
         SELECT '{stream}', n, gen_random_uuid(), 'MoneyDeposited', 3, '{{}}',
                '{{}}', now(), z, z
         FROM generate_series(1, 20000) AS n,
              decode(repeat('00', 32), 'hex') AS z;
         ANALYZE events;
         SET plan_cache_mode = force_generic_plan"
    );
    run(&mut owner, &fill).await;
    (owner, stream)
}

#[tokio::test]
async fn the_feed_is_read_by_its_index_and_not_sorted() {
    let (mut owner, _) = long_log().await;
    let prepare = format!("PREPARE feed AS {}", FEED.text);
    run(&mut owner, &prepare).await;
    let plan = plan(&mut owner, "EXPLAIN EXECUTE feed(5, 5, 128)").await;
    assert!(plan.contains("Index Scan using events_feed"), "{plan}");
    assert!(!plan.contains("Sort"), "{plan}");
    assert!(!plan.contains("Seq Scan"), "{plan}");
    assert!(!plan.contains("Filter"), "{plan}");
}

#[tokio::test]
async fn a_stream_is_read_by_its_key_and_not_sorted() {
    let (mut owner, stream) = long_log().await;
    let prepare = format!("PREPARE stream AS {}", EVENTS.text);
    run(&mut owner, &prepare).await;
    let execute = format!("EXPLAIN EXECUTE stream('{stream}', 1, 9, 1000)");
    let plan = plan(&mut owner, &execute).await;
    assert!(plan.contains("Index Scan using events_pkey"), "{plan}");
    assert!(!plan.contains("Sort"), "{plan}");
    assert!(!plan.contains("Seq Scan"), "{plan}");
    assert!(!plan.contains("Filter"), "{plan}");
}

/// The control: the same statement, with the output column called tx_id
/// computed, cannot use the order of the index.
#[tokio::test]
async fn a_sort_would_be_seen() {
    let (mut owner, _) = long_log().await;
    let text = FEED
        .text
        .replace(
            "e.tx_id, e.position, e.stream",
            "e.tx_id + 0 AS tx_id, e.position, e.stream",
        )
        .replace("ORDER BY e.tx_id, e.position", "ORDER BY tx_id, position");
    assert_ne!(text, FEED.text);
    run(&mut owner, &format!("PREPARE feed AS {text}")).await;
    let plan = plan(&mut owner, "EXPLAIN EXECUTE feed(5, 5, 128)").await;
    assert!(plan.contains("Sort"), "{plan}");
}
