//! The traces that the book shows are the traces that arrive.

use otlp_console::{Golden, Trace, golden};
use serde_json::{Value, json};

use crate::shop::{Shop, traces_of};

// ANCHOR: matches
/// Compares a trace with its file. Left out is what differs each time.
pub(crate) fn assert_matches(file: &str, trace: &Trace) {
    let golden = ["bff.graphql.document.hash", "bff.graphql.field"]
        .into_iter()
        .fold(Golden::default(), Golden::hide)
        .show("http.request.resend_count");
    golden::assert_matches(format!("traces/{file}.txt"), &golden.render(trace));
}
// ANCHOR_END: matches

#[tokio::test]
async fn a_home_page_in_a_browser() {
    let shop = Shop::open(&[]).await;
    assert_eq!(shop.get("/web/home").await.status(), 200);
    let receiver = shop.close().await;
    assert_matches("web-home", &traces_of(&receiver, "GET /web/home")[0]);
}

#[tokio::test]
async fn a_home_page_on_a_phone_and_the_same_again() {
    let shop = Shop::open(&[]).await;
    for _ in 0..2 {
        assert_eq!(shop.get("/mobile/home").await.status(), 200);
    }
    let receiver = shop.close().await;
    let pages = traces_of(&receiver, "GET /mobile/home");
    assert_matches("mobile-home", &pages[0]);
    assert_matches("cache-hit", &pages[1]);
    // It is another trace, and links to the one that made the page.
    let links = pages[1].spans.iter().flat_map(|span| &span.links);
    let made: Vec<_> = links.map(|link| link.trace_id).collect();
    assert_eq!(made, [pages[0].spans[0].trace_id]);
}

#[tokio::test]
async fn many_questions_at_once() {
    let shop = Shop::open(&[]).await;
    let operations: Vec<Value> = (1..=20)
        .map(|n| json!({ "get": "order", "id": format!("o-ada-{n}") }))
        .chain([json!({ "get": "product", "id": "p-1" })])
        .collect();
    let bulk = json!({ "operations": operations });
    assert_eq!(shop.post("/desktop/bulk", &bulk).await.status(), 200);
    let receiver = shop.close().await;
    let bulk = &traces_of(&receiver, "POST /desktop/bulk")[0];
    assert_matches("desktop-bulk", bulk);
}

#[tokio::test]
async fn a_page_without_recommendations() {
    let shop = Shop::open(&[]).await;
    shop.fail("product", "error").await;
    assert_eq!(shop.get("/web/home").await.status(), 200);
    let receiver = shop.close().await;
    assert_matches("degraded", &traces_of(&receiver, "GET /web/home")[0]);
}

#[tokio::test]
async fn a_page_without_orders() {
    let shop = Shop::open(&[]).await;
    // The two others are under way when the third fails.
    for role in ["user", "product"] {
        shop.fail(role, "hang").await;
    }
    let late = json!({ "failure": "error", "latency_ms": 3_000 });
    shop.trouble("order", late).await;
    assert_eq!(shop.get("/web/home").await.status(), 502);
    let receiver = shop.close().await;
    assert_matches("backend-down", &traces_of(&receiver, "GET /web/home")[0]);
}

#[tokio::test]
async fn a_page_that_asks_twice() {
    let shop = Shop::open(&[("HEDGE_AFTER_MS", "2000")]).await;
    // The first answer takes long, and the second does not.
    let faults = json!({ "slow_every": 2, "slow_ms": 600_000 });
    shop.trouble("order", faults).await;
    assert_eq!(shop.get("/mobile/home").await.status(), 200);
    assert_eq!(shop.get("/web/home").await.status(), 200);
    let receiver = shop.close().await;
    assert_matches("hedge", &traces_of(&receiver, "GET /web/home")[0]);
}

#[tokio::test]
async fn one_request_too_many() {
    let shop = Shop::open(&[("CONCURRENCY", "1"), ("BUDGET_MS", "6000")]).await;
    shop.fail("user", "hang").await;
    let busy = shop.get("/web/home");
    let refused = async {
        // Not before the first is being worked on.
        while shop.asked("user").await == 0 {}
        shop.get("/mobile/home").await
    };
    let (busy, refused) = tokio::join!(busy, refused);
    assert_eq!(busy.status(), 504);
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    let receiver = shop.close().await;
    assert_matches("shed", &traces_of(&receiver, "GET /mobile/home")[0]);
}
