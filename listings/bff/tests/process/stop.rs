//! Stopping while requests come in.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use otlp_console::model::{Span, SpanKind, Status};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::sleep,
};

use crate::{programs::DEADLINE, shop::Shop};

/// So many ask at any time: however slow the machine is, no more than that
/// wait for it.
const CLIENTS: usize = 24;

const ME: &str = r#"{"operations":[{"get":"me"}]}"#;

/// Requests that stop with the program: some were answered, and the last one
/// of each client was not.
#[tokio::test]
async fn a_stop_under_load_loses_no_answer_and_no_span() {
    let settings = [("BUDGET_MS", "20000"), ("CONCURRENCY", "10000")];
    let shop = Arc::new(Shop::open(&settings).await);
    // So long are they under way.
    shop.trouble("user", &json!({ "latency_ms": 100 })).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (shop, answered) = (Arc::clone(&shop), Arc::clone(&answered));
        clients.spawn(ask_on(shop, client, answered));
    }
    let start = Instant::now();
    while answered.load(Ordering::Relaxed) < 100 {
        assert!(start.elapsed() < DEADLINE, "no load");
        sleep(Duration::from_millis(1)).await;
    }
    shop.bff.signal(Signal::TERM);
    let answered: BTreeSet<_> =
        clients.join_all().await.into_iter().flatten().collect();
    assert!(answered.len() >= 100, "{answered:?}");
    let shop = Arc::into_inner(shop).unwrap();
    let ended = shop.bff.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("did not finish"), "{}", ended.stderr);
    for backend in shop.backends {
        let ended = backend.stop().await;
        assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    }
    // Whatever was begun was answered, and the other way round.
    let spans = shop.receiver.spans();
    let ours = |span: &&Span| {
        span.kind == SpanKind::Server && span.name == "POST /desktop/bulk"
    };
    let mut begun = BTreeSet::new();
    for span in spans.iter().filter(ours) {
        assert_eq!(span.status, Status::Unset, "{span:?}");
        let trace = u128::from_be_bytes(span.trace_id.0);
        assert!(begun.insert(format!("{trace:032x}")), "{trace}: twice");
    }
    assert_eq!(begun, answered);
}

/// Asks until nobody answers any more. The traces of the requests that got
/// their whole answer.
async fn ask_on(
    shop: Arc<Shop>,
    client: usize,
    answered: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut traces = Vec::new();
    loop {
        let trace = format!("{:032x}", traces.len() * CLIENTS + client + 1);
        let request = shop
            .post("/desktop/bulk")
            .header("traceparent", format!("00-{trace}-00000000000000ff-01"))
            .body(ME);
        let Ok(answer) = request.send().await else {
            return traces;
        };
        assert_eq!(answer.status(), 200, "{trace}");
        // The head is here, so the body has to come as well.
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["results"][0]["value"]["id"], "ada", "{trace}");
        answered.fetch_add(1, Ordering::Relaxed);
        traces.push(trace);
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let shop = Shop::open(&[("BUDGET_MS", "20000")]).await;
    shop.trouble("user", &json!({ "failure": "hang" })).await;
    let waiting = shop.post("/desktop/bulk").body(ME).send();
    let waiting = tokio::spawn(waiting);
    shop.until_asked("user").await;
    shop.bff.signal(Signal::TERM);
    // It has taken the first one in when it accepts no connection any more.
    let address = shop.bff.url.strip_prefix("http://").unwrap();
    let start = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(start.elapsed() < DEADLINE, "it still listens");
    }
    shop.bff.signal(Signal::TERM);
    let ended = shop.bff.ended().await;
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    assert!(waiting.await.unwrap().is_err(), "there was an answer");
}

#[tokio::test]
async fn an_idle_connection_holds_nobody_up() {
    let shop = Shop::open(&[]).await;
    let address = shop.bff.url.strip_prefix("http://").unwrap();
    let mut idle = TcpStream::connect(address).await.unwrap();
    let request = b"GET /health/live HTTP/1.1\r\nhost: bff\r\n\r\n";
    idle.write_all(request).await.unwrap();
    assert_ne!(idle.read(&mut [0; 1024]).await.unwrap(), 0);
    let ended = shop.bff.stop().await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("did not finish"), "{}", ended.stderr);
    // Closed in good order, and not reset.
    assert_eq!(idle.read(&mut [0; 1024]).await.unwrap(), 0);
}
