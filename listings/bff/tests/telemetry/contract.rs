//! What the shop sends is what the registry says, no more and no less.

use otlp_console::contract::{self, Registry, Telemetry};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::time::{Duration, sleep};

use crate::shop::{GRPC, Shop};

const OK: StatusCode = StatusCode::OK;

/// Longer than the shortest life of a token.
const A_TOKEN: Duration = Duration::from_millis(1_100);

// ANCHOR: contract
#[tokio::test]
async fn all_telemetry_keeps_the_contract() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    let mut received = a_day(&[]).await;
    let over_grpc = a_day(&[GRPC]).await;
    for received in [&received, &over_grpc] {
        assert_eq!(registry.check(received), []);
    }
    received.spans.extend(over_grpc.spans);
    received.logs.extend(over_grpc.logs);
    received.metrics.extend(over_grpc.metrics);
    assert_eq!(registry.unseen(&received), []);
}
// ANCHOR_END: contract

#[test]
fn the_tables_are_made_from_the_registry() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    contract::assert_current("telemetry/tables.md", &registry.markdown());
}

/// Every kind of request and of trouble, and all that arrived of them.
async fn a_day(settings: &[(&str, &str)]) -> Telemetry {
    let open = [settings, &[("GRAPHQL_OPERATIONS", "open")]].concat();
    let mut received = calm_hours(&open).await;
    for hours in [rough_hours(&open).await, an_end(&open).await] {
        received.spans.extend(hours.spans);
        received.logs.extend(hours.logs);
        received.metrics.extend(hours.metrics);
    }
    received
}

async fn calm_hours(settings: &[(&str, &str)]) -> Telemetry {
    // Still fresh when it is asked for again.
    let fresh = [("CACHE_MS", "60000")];
    let shop = Shop::open(&[settings, &fresh].concat()).await;
    // Whoever comes while a page is made waits for it.
    shop.trouble("user", json!({ "latency_ms": 3_000 })).await;
    let (one, other) =
        tokio::join!(shop.get("/web/home"), shop.get("/web/home"));
    assert_eq!((one.status(), other.status()), (OK, OK));
    for _ in 0..2 {
        for path in ["/web/home", "/mobile/home"] {
            assert_eq!(shop.get(path).await.status(), 200);
        }
    }
    let bulk = json!({ "operations": [
        { "get": "me" },
        { "get": "order", "id": "o-ada-1" },
        { "get": "product", "id": "p-1" },
    ] });
    assert_eq!(shop.post("/desktop/bulk", &bulk).await.status(), 200);
    graph(&shop).await;
    for (path, status) in [
        ("/", 200),
        ("/page.js", 200),
        ("/page.css", 200),
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/auth/session", 200),
        ("/auth/callback?state=x&code=y", 400),
        ("/nothing", 404),
    ] {
        assert_eq!(shop.get(path).await.status(), status, "{path}");
    }
    let left = shop.request(Method::POST, "/auth/logout").send().await;
    assert_eq!(left.unwrap().status(), 204);
    Telemetry::from(&shop.close().await)
}

async fn graph(shop: &Shop) {
    for operation in [
        "query Home { me { displayName } orders(first: 2) { product { id } } }",
        "{ order(id: \"o-ada-1\") { id } product(id: \"p-1\") { id } }",
        "{ products(ids: [\"p-1\", \"p-2\"]) { id } }",
        "mutation { rename(displayName: \"Countess\") { displayName } }",
        "{ nothing }",
    ] {
        let query = json!({ "query": operation });
        let status = shop.post("/graphql", &query).await.status();
        assert!(matches!(status.as_u16(), 200 | 400), "{operation}");
    }
    let status = shop.get("/graphql?query=%7B__typename%7D").await.status();
    assert_eq!(status, 200);
    let status = shop.get("/graphql").await.status();
    assert_eq!(status, 400);
}

/// What goes wrong, and is said.
async fn rough_hours(settings: &[(&str, &str)]) -> Telemetry {
    let rough = [
        ("BUDGET_MS", "6000"),
        ("CACHE_MS", "0"),
        ("CONCURRENCY", "1"),
        ("HEDGE_AFTER_MS", "500"),
    ];
    let shop = Shop::open(&[settings, &rough].concat()).await;
    for (failure, path) in [
        ("error", "/web/home"),
        ("garbage", "/mobile/home"),
        ("huge", "/web/home"),
    ] {
        shop.fail("product", failure).await;
        assert_eq!(shop.get(path).await.status(), 200);
    }
    shop.fail("order", "hang").await;
    let orders = json!({ "query": "query Orders { orders { id } }" });
    assert_eq!(shop.post("/graphql", &orders).await.status(), 200);
    // One waits, and one is turned away.
    let before = shop.asked("order").await;
    let (waits, refused) = tokio::join!(shop.get("/web/home"), async {
        while shop.asked("order").await == before {}
        shop.get("/mobile/home").await
    });
    assert_eq!(
        (waits.status().as_u16(), refused.status().as_u16()),
        (504, 503)
    );
    hedges(&shop).await;
    shop.fail("identity", "error").await;
    let left = shop.request(Method::POST, "/auth/logout").send().await;
    assert_eq!(left.unwrap().status(), 204);
    Telemetry::from(&shop.close().await)
}

/// One that is won, and so many that are lost that the next is denied.
async fn hedges(shop: &Shop) {
    let slow = json!({ "slow_every": 2, "slow_ms": 600_000 });
    shop.trouble("order", slow).await;
    for _ in 0..2 {
        assert_eq!(shop.get("/mobile/home").await.status(), 200);
    }
    shop.trouble("order", json!({ "latency_ms": 1_000 })).await;
    for _ in 0..12 {
        assert_eq!(shop.get("/mobile/home").await.status(), 200);
    }
}

/// A token that ends is replaced, until the provider has forgotten it.
async fn an_end(settings: &[(&str, &str)]) -> Telemetry {
    let brief = [settings, &[("TOKEN_SECONDS", "1")]].concat();
    let mut shop = Shop::open(&brief).await;
    sleep(A_TOKEN).await;
    assert_eq!(shop.get("/auth/session").await.status(), 200);
    shop.forget_tokens(&brief).await;
    sleep(A_TOKEN).await;
    assert_eq!(shop.get("/auth/session").await.status(), 401);
    Telemetry::from(&shop.close().await)
}
