//! What is added when the sessions are in Redis.

use otlp_console::{
    contract::{self, Registry, Telemetry},
    model::Origin,
};
use throwaway::redis::Server;

use crate::shop::Shop;

const REGISTRY: &str = "telemetry/redis/registry.yaml";

#[tokio::test]
async fn sessions_in_redis_keep_their_contract() {
    let registry = Registry::load(REGISTRY).unwrap();
    let redis = Server::start().unwrap();
    let shop = Shop::open(&[("REDIS_URL", &redis.url())]).await;
    assert_eq!(shop.get("/auth/session").await.status(), 200);
    let left = shop.request(reqwest::Method::POST, "/auth/logout").send();
    assert_eq!(left.await.unwrap().status(), 204);
    redis.kill().unwrap();
    assert_eq!(shop.get("/auth/session").await.status(), 503);
    let mut received = Telemetry::from(&shop.close().await);
    let ours = |origin: &Origin| origin.scope.name == "bff.session.store";
    received.spans.retain(|span| ours(&span.origin));
    received.metrics.retain(|metric| ours(&metric.origin));
    received
        .logs
        .retain(|log| log.event_name == "session_store.failed");
    assert_eq!(registry.check(&received), []);
    assert_eq!(registry.unseen(&received), []);
}

#[test]
fn the_tables_are_made_from_the_registry() {
    let registry = Registry::load(REGISTRY).unwrap();
    let tables = "telemetry/redis/tables.md";
    contract::assert_current(tables, &registry.markdown());
}
