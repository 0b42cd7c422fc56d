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

use crate::lab::Lab;

/// Long enough that no other answer of a busy machine takes it.
const SLOW: Duration = Duration::from_secs(3);

/// One of fifty answers of the product service is slow.
const TAIL: Faults = Faults {
    latency_ms: 5,
    slow_every: 50,
    slow_ms: SLOW.as_millis() as u64,
    failure: None,
};

/// Asks for a product, four at a time, and returns how long each answer took,
/// sorted.
async fn ask(lab: &Lab, times: usize) -> Vec<Duration> {
    let operation = json!({ "get": "product", "id": "p-1" });
    let product = json!({ "operations": [operation] });
    let mut took = Vec::new();
    for _ in 0..times / 4 {
        let four = (0..4).map(async |_| {
            let start = Instant::now();
            let answer = lab.post("/desktop/bulk", &product).await;
            assert_eq!(answer.json()["results"][0]["status"], 200);
            start.elapsed()
        });
        took.extend(join_all(four).await);
    }
    took.sort_unstable();
    took
}

#[tokio::test]
async fn a_second_request_cuts_the_tail_off_and_costs_little() {
    let lab = Lab::start(&[("HEDGE_AFTER_MS", "200")]).await;
    lab.trouble(Role::Product, TAIL).await;
    let took = ask(&lab, 200).await;
    assert!(took[198] < SLOW / 2, "{took:?}");
    let extra = lab.requests(Role::Product).await - 200;
    assert!((4..=10 + 200 / 20).contains(&extra), "{extra}");
    let receiver = lab.finish().await;
    assert!(outcomes(&receiver, "product", "won") >= 4);
    assert_eq!(outcomes(&receiver, "product", "denied"), 0);
}

#[tokio::test]
async fn without_it_the_tail_is_long() {
    let lab = Lab::start(&[("HEDGE_AFTER_MS", "0")]).await;
    lab.trouble(Role::Product, TAIL).await;
    let took = ask(&lab, 52).await;
    assert!(took[51] >= SLOW, "{took:?}");
    assert_eq!(lab.requests(Role::Product).await, 52);
    lab.finish().await;
}

#[tokio::test]
async fn who_is_slow_for_everybody_is_not_asked_twice_by_everybody() {
    let lab = Lab::start(&[("HEDGE_AFTER_MS", "100")]).await;
    let slow = Faults {
        latency_ms: 500,
        ..Faults::default()
    };
    lab.trouble(Role::Product, slow).await;
    ask(&lab, 60).await;
    // Ten are saved up, and sixty requests earn three more.
    let extra = lab.requests(Role::Product).await - 60;
    assert!((10..=13).contains(&extra), "{extra}");
    let receiver = lab.finish().await;
    assert_eq!(outcomes(&receiver, "product", "denied"), 60 - extra);
    let made = ["won", "lost", "failed"];
    let made = made.map(|outcome| outcomes(&receiver, "product", outcome));
    assert_eq!(made.iter().sum::<u64>(), extra);
}

#[tokio::test]
async fn the_one_that_loses_is_given_up_and_no_error() {
    let lab = Lab::start(&[("HEDGE_AFTER_MS", "300"), ("CACHE_MS", "0")]).await;
    let every_second_one = Faults {
        slow_every: 2,
        ..TAIL
    };
    lab.trouble(Role::Product, every_second_one).await;
    assert_eq!(lab.get("/web/home").await.status, 200);
    lab.receiver.clear();
    let start = Instant::now();
    assert_eq!(lab.get("/web/home").await.status, 200);
    assert!(start.elapsed() < SLOW, "{:?}", start.elapsed());
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
    assert!(wait >= 290_000_000, "{wait}");
}

#[tokio::test]
async fn a_change_is_asked_for_once() {
    let lab = Lab::start(&[]).await;
    let slow = Faults {
        latency_ms: 300,
        ..Faults::default()
    };
    lab.trouble(Role::User, slow).await;
    let clients = lab.clients(Duration::from_millis(10));
    let user = clients.rename(&lab.caller(), "Countess").await.unwrap();
    assert_eq!(user.display_name, "Countess");
    assert_eq!(lab.requests(Role::User).await, 1);
    // Where a question is asked twice.
    clients.me(&lab.caller()).await.unwrap();
    assert_eq!(lab.requests(Role::User).await, 3);
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
