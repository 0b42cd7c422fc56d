//! The gauges by which one sees whether the read side is well.

use crate::{
    following::{Hand, caught_up},
    harness::until,
    watched::Watched,
};

#[tokio::test]
async fn gauges_show_how_far_behind_and_why() {
    let watched = Watched::new().await;
    let bank = &watched.bank;
    watched
        .within(async {
            let running = bank.services.projections.spawn();
            bank.open_account().await;
            caught_up(bank, "balances").await;
            let open = Hand::begin(bank).await;
            bank.open_account().await;
            let is = async |name, expected| {
                watched.metric_is(name, "balances/1", expected).await;
            };
            is("es.projection.lag.events", 1.0).await;
            is("es.feed.missing", 0.0).await;
            let past = async |name, key: &str| {
                until(async || {
                    let seen = watched.metric(name).await;
                    seen.get(key).is_some_and(|age| *age > 0.05)
                })
                .await;
            };
            past("es.projection.lag.time", "balances/1").await;
            past("es.feed.fence.age", "").await;
            open.roll_back().await;
            is("es.projection.lag.events", 0.0).await;
            is("es.projection.lag.time", 0.0).await;
            running.stop().await;
        })
        .await;
    let name = "es.projection.processed";
    watched.metric_is(name, "balances/1", 2.0).await;
    let pages = watched.metric("messaging.process.duration").await;
    assert!(!pages.is_empty());
}
