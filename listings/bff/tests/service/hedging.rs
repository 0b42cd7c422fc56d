//! Second requests: that they help, what they cost, and what they look like.

mod races;

use std::time::{Duration, Instant};

use bff::backends::{Role, faults::Faults};
use futures_util::future::join_all;
use otlp_console::{
    Receiver,
    model::{Number, Span, SpanKind, Status, Value},
};
use serde_json::json;
use tokio::time::sleep;

use crate::lab::Lab;

/// One of fifty answers of the product service never comes, as far as anybody
/// waits.
const TAIL: Faults = Faults {
    latency_ms: 5,
    slow_every: 50,
    slow_ms: 600_000,
    failure: None,
};

/// Asks for a product.
async fn ask(lab: &Lab) {
    let operation = json!({ "get": "product", "id": "p-1" });
    let product = json!({ "operations": [operation] });
    let answer = lab.post("/desktop/bulk", &product).await;
    assert_eq!(answer.json()["results"][0]["status"], 200, "{answer:?}");
}

/// Asks for a product so many times at once.
async fn ask_at_once(lab: &Lab, times: usize) {
    join_all((0..times).map(|_| ask(lab))).await;
}

#[tokio::test]
async fn a_second_request_cuts_the_tail_off_and_costs_little() {
    // No other answer of a busy machine takes so long, and if some do, there
    // is an allowance for them.
    let lab = Lab::start(&[("HEDGE_AFTER_MS", "1000")]).await;
    lab.trouble(Role::Product, TAIL).await;
    for _ in 0..50 {
        ask_at_once(&lab, 4).await;
    }
    let extra = lab.requests(Role::Product).await - 200;
    assert!((4..=10 + 200 / 20).contains(&extra), "{extra}");
    let receiver = lab.finish().await;
    assert!(outcomes(&receiver, "product", "won") >= 4);
}

#[tokio::test]
async fn without_it_the_tail_is_long() {
    let lab = Lab::start(&[("HEDGE_AFTER_MS", "0")]).await;
    let slow_ms = 2_000;
    let tail = Faults { slow_ms, ..TAIL };
    lab.trouble(Role::Product, tail).await;
    let start = Instant::now();
    ask_at_once(&lab, 52).await;
    assert!(start.elapsed() >= Duration::from_millis(slow_ms));
    assert_eq!(lab.requests(Role::Product).await, 52);
    lab.finish().await;
}

#[tokio::test]
async fn who_is_slow_for_everybody_is_not_asked_twice_by_everybody() {
    let lab = Lab::start(&[("HEDGE_AFTER_MS", "100")]).await;
    let slow = lab.door(Role::Product);
    slow.shut();
    let asking = async {
        // Ten are saved up, and fifty more requests earn two more.
        let first = ask_at_once(&lab, 10);
        let others = async {
            slow.until_came(10 + 10).await;
            ask_at_once(&lab, 50).await;
        };
        tokio::join!(first, others);
    };
    let opening = async {
        slow.until_came(10 + 10 + 50 + 2).await;
        // Their times are over before this one, which began after them.
        sleep(Duration::from_millis(200)).await;
        let came = slow.came();
        slow.open();
        came
    };
    let ((), came) = tokio::join!(asking, opening);
    assert_eq!(came, 72);
    let receiver = lab.finish().await;
    assert_eq!(outcomes(&receiver, "product", "denied"), 48);
    let made = ["won", "lost", "failed"];
    let made = made.map(|outcome| outcomes(&receiver, "product", outcome));
    assert_eq!(made.iter().sum::<u64>(), 12);
}

#[tokio::test]
async fn the_one_that_loses_is_given_up_and_no_error() {
    let lab =
        Lab::start(&[("HEDGE_AFTER_MS", "2000"), ("CACHE_MS", "0")]).await;
    let every_second_one = Faults {
        slow_every: 2,
        ..TAIL
    };
    lab.trouble(Role::Product, every_second_one).await;
    assert_eq!(lab.get("/web/home").await.status, 200);
    lab.receiver.clear();
    // Without the second one, it would lack something.
    let page = lab.get("/web/home").await;
    assert_eq!(page.json()["degraded"], json!([]));
    lab.until_running(Role::Product, 0).await;
    let spans = lab.finish().await.spans();
    // The export of the first page may come late.
    let second = spans.iter().find(|span| resent(span) == Some(1)).unwrap();
    let is_call = |span: &&Span| {
        span.kind == SpanKind::Client && span.name == "GET /recommendations"
    };
    let calls = spans
        .iter()
        .filter(|span| span.trace_id == second.trace_id)
        .filter(is_call);
    let first = calls.clone().find(|span| resent(span).is_none()).unwrap();
    assert_eq!(calls.count(), 2);
    assert_eq!(first.parent_span_id, second.parent_span_id);
    let cancelled = Value::Str("cancelled".to_owned());
    assert_eq!(first.attributes.get("error.type"), Some(&cancelled));
    assert_eq!(second.attributes.get("error.type"), None);
    assert_eq!(
        (&first.status, &second.status),
        (&Status::Unset, &Status::Unset)
    );
    let wait = second.start_unix_nano - first.start_unix_nano;
    assert!(wait >= 1_990_000_000, "{wait}");
}

#[tokio::test]
async fn a_change_is_asked_for_once() {
    let lab = Lab::start(&[]).await;
    let hedge_after = Duration::from_millis(10);
    let clients = lab.clients(hedge_after);
    let caller = lab.caller();
    let slow = lab.door(Role::User);
    slow.shut();
    let came = async {
        slow.until_came(1).await;
        // A second one would have come by now.
        sleep(hedge_after * 10).await;
        let came = slow.came();
        slow.open();
        came
    };
    let renaming = clients.rename(&caller, "Countess");
    let (user, came) = tokio::join!(renaming, came);
    assert_eq!(user.unwrap().display_name, "Countess");
    assert_eq!(came, 1);
    // Where a question is asked twice.
    slow.shut();
    let twice = async {
        slow.until_came(2).await;
        slow.open();
    };
    let (user, ()) = tokio::join!(clients.me(&caller), twice);
    user.unwrap();
    lab.finish().await;
}

fn resent(span: &Span) -> Option<i64> {
    match span.attributes.get("http.request.resend_count") {
        Some(Value::Int(count)) => Some(*count),
        _ => None,
    }
}

/// How often it came out so.
fn outcomes(receiver: &Receiver, backend: &str, outcome: &str) -> u64 {
    let text = |text: &str| Some(Value::Str(text.to_owned()));
    let metrics = receiver.metrics();
    let hedges = metrics.iter().rfind(|metric| metric.name == "bff.hedge");
    let points = hedges.iter().flat_map(|metric| &metric.points);
    let mut points = points.filter(|point| {
        let attribute = |name| point.attributes.get(name).cloned();
        attribute("bff.hedge.outcome") == text(outcome)
            && attribute("bff.backend") == text(backend)
    });
    match points.next().map(|point| &point.value) {
        Some(Number::Int(count)) => count.unsigned_abs(),
        _ => 0,
    }
}
