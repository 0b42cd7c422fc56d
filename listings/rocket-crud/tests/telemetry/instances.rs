//! Two instances on one PostgreSQL, behind a real nginx.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use otlp_console::{Receiver, model::Span};
use reqwest::{Method, Response, StatusCode};
use rustix::process::Signal;
use serde_json::Value;
use throwaway::free_port;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};

use crate::{
    lab::{DEADLINE, servers},
    proxy::{OFTEN, Proxy, two},
};

fn traceparent(number: usize) -> String {
    format!("00-{number:032x}-00000000000000ff-01")
}

/// The numbers of the traces in which these spans are.
fn numbers(spans: &[Span]) -> BTreeSet<usize> {
    let number = |span: &Span| u128::from_be_bytes(span.trace_id.0);
    let numbers = spans.iter().map(|span| number(span).try_into().unwrap());
    numbers.collect()
}

fn instance(receiver: &Receiver) -> String {
    let spans = receiver.spans();
    let resource = &spans[0].origin.resource;
    resource.attributes["service.instance.id"].to_string()
}

// ANCHOR: one-trace
#[tokio::test]
async fn a_trace_goes_through_the_proxy() {
    let (first, second, proxy) = two(&OFTEN).await;
    assert_eq!(proxy.add("ada").await.status(), 201);
    for number in 1..=20 {
        let request = proxy.request(Method::GET, "/users/ada");
        let request = request.header("traceparent", traceparent(number));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    let receivers = [first.stop().await, second.stop().await];
    assert_ne!(instance(&receivers[0]), instance(&receivers[1]));
    let mut seen = BTreeSet::new();
    for receiver in &receivers {
        let mut reads = servers(receiver);
        reads.retain(|span| span.name == "GET /users/<handle>");
        // They take turns.
        assert!(reads.len() >= 9, "{}", reads.len());
        seen.extend(numbers(&reads));
        for span in reads {
            // The caller is the parent: nginx makes no span.
            assert_eq!(span.parent_span_id.unwrap().0[7], 0xff);
            let address = span.attributes["server.address"].to_string();
            assert_eq!(address, "users.example");
        }
    }
    assert_eq!(seen, (1..=20).collect());
}
// ANCHOR_END: one-trace

// ANCHOR: one-user
#[tokio::test]
async fn sixteen_at_once_make_one_user() {
    let (_first, _second, proxy) = two(&OFTEN).await;
    let proxy = Arc::new(proxy);
    let mut creates = JoinSet::new();
    for _ in 0..16 {
        let proxy = Arc::clone(&proxy);
        creates.spawn(async move { proxy.add("ada").await.status() });
    }
    let mut answers = BTreeMap::new();
    for status in creates.join_all().await {
        *answers.entry(status.as_u16()).or_default() += 1;
    }
    assert_eq!(answers, BTreeMap::from([(201, 1), (409, 15)]));
}
// ANCHOR_END: one-user

/// So many ask at any time: however slow the machine is, no more than that
/// wait for it.
const CLIENTS: usize = 16;

// ANCHOR: one-stops
#[tokio::test]
async fn an_instance_that_stops_fails_no_read() {
    // A busy machine finishes what it has begun, too.
    let patient = [("ROCKET_SHUTDOWN", "{grace=6,mercy=3}")];
    let settings = [&OFTEN[..], &patient].concat();
    let (first, second, proxy) = two(&settings).await;
    assert_eq!(proxy.add("ada").await.status(), 201);
    let room = Arc::new(Semaphore::new(CLIENTS));
    let mut reads = JoinSet::new();
    for number in 1..=600 {
        let room = Arc::clone(&room).acquire_owned().await.unwrap();
        let request = proxy.request(Method::GET, "/users/ada");
        let request = request.header("traceparent", traceparent(number));
        reads.spawn(async {
            let _room = room;
            request.send().await.unwrap().status()
        });
        if number == 200 {
            first.signal(Signal::TERM);
        }
    }
    let answers = reads.join_all().await;
    assert!(answers.iter().all(StatusCode::is_success), "{answers:?}");
    let first = first.ended().await;
    assert_eq!(first.status.code(), Some(0), "{}", first.stderr);
    let mut seen = BTreeSet::new();
    for receiver in [first.receiver, second.stop().await] {
        let mut reads = servers(&receiver);
        reads.retain(|span| span.name == "GET /users/<handle>");
        assert!(reads.len() >= 50, "{}", reads.len());
        seen.extend(numbers(&reads));
    }
    assert_eq!(seen, (1..=600).collect());
}
// ANCHOR_END: one-stops

// ANCHOR: one-dies
#[tokio::test]
async fn an_instance_that_dies_takes_nothing_acknowledged_along() {
    let (first, _second, proxy) = two(&OFTEN).await;
    let proxy = Arc::new(proxy);
    let room = Arc::new(Semaphore::new(CLIENTS));
    let mut creates = JoinSet::new();
    for number in 0..300 {
        let room = Arc::clone(&room).acquire_owned().await.unwrap();
        let proxy = Arc::clone(&proxy);
        creates.spawn(async move {
            let _room = room;
            let handle = format!("user-{number}");
            let status = proxy.add(&handle).await.status();
            (handle, status)
        });
        if number == 100 {
            first.signal(Signal::KILL);
        }
    }
    let answers = creates.join_all().await;
    // A create that may have happened is not tried again: 502.
    let known = [StatusCode::CREATED, StatusCode::BAD_GATEWAY];
    for (handle, status) in &answers {
        assert!(known.contains(status), "{handle}: {status}");
    }
    let is_made = |status: &StatusCode| *status == StatusCode::CREATED;
    let made = answers.iter().filter(|(_, status)| is_made(status));
    assert!(made.clone().count() >= 200, "{}", proxy.said());
    for (handle, _) in made {
        let path = format!("/users/{handle}");
        let found = proxy.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(found.status(), 200, "{handle}");
    }
}
// ANCHOR_END: one-dies

// ANCHOR: two-limits
#[tokio::test]
async fn each_instance_counts_for_itself() {
    let limits = [("RATE_LIMIT_PER_SECOND", "1"), ("RATE_LIMIT_BURST", "10")];
    let (_first, _second, proxy) = two(&limits).await;
    let (start, mut passed) = (Instant::now(), 0);
    for _ in 0..40 {
        let request = proxy.request(Method::GET, "/me");
        passed += usize::from(request.send().await.unwrap().status() == 200);
    }
    // Twice what one allows, and what has come in meanwhile.
    let meanwhile = 2 * start.elapsed().as_secs() as usize;
    assert!((20..=20 + meanwhile).contains(&passed), "{passed}");
}
// ANCHOR_END: two-limits

#[tokio::test]
async fn a_refusal_is_a_problem_whoever_says_it() {
    let nobody = free_port().unwrap().to_string();
    let nobody = format!("127.0.0.1:{nobody}");
    let proxy = Proxy::before([&nobody, &nobody]);
    let away = proxy.request(Method::GET, "/me").send().await.unwrap();
    assert_problem(away, 502).await;
    let (_first, _second, proxy) = two(&[]).await;
    // The service takes 16 KiB, and nginx 64 KiB.
    for size in [20_000, 100_000] {
        let name = "x".repeat(size);
        let request = proxy.request(Method::POST, "/users");
        let request = request.json(&serde_json::json!({ "name": name }));
        assert_problem(request.send().await.unwrap(), 413).await;
    }
}

// ANCHOR: no-body
#[tokio::test]
async fn a_body_that_does_not_come_reaches_no_instance() {
    let (first, second, proxy) = two(&[]).await;
    let address = proxy.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /users HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    // nginx closes the connection.
    let mut rest = Vec::new();
    let closed = timeout(DEADLINE, stream.read_to_end(&mut rest)).await;
    closed.unwrap().unwrap();
    for receiver in [first.stop().await, second.stop().await] {
        assert_eq!(servers(&receiver), []);
    }
}
// ANCHOR_END: no-body

async fn assert_problem(answer: Response, status: u16) {
    assert_eq!(answer.status(), status);
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/problem+json"), "{kind}");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["status"], status);
}

#[tokio::test]
async fn nginx_passes_on_what_it_should() {
    let instance = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = instance.local_addr().unwrap().to_string();
    let nobody = format!("127.0.0.1:{}", free_port().unwrap());
    let proxy = Proxy::before([&address, &nobody]);
    let request = proxy
        .request(Method::GET, "/me")
        .header("traceparent", traceparent(1))
        .header("x-real-ip", "203.0.113.7");
    let asked = tokio::spawn(request.send());
    let accepted = timeout(DEADLINE, instance.accept()).await.unwrap();
    let (mut stream, _) = accepted.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    assert_eq!(asked.await.unwrap().unwrap().status(), 204);
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let lines: Vec<_> = head.lines().collect();
    let all = |name: &str| {
        let own = lines.iter().filter(|line| line.starts_with(name));
        own.copied().collect::<Vec<_>>()
    };
    assert_eq!(lines[0], "get /me http/1.1");
    assert_eq!(all("host:"), ["host: users.example"]);
    assert_eq!(all("x-real-ip:"), ["x-real-ip: 127.0.0.1"]);
    assert_eq!(all("connection:"), [""; 0]);
    let parent = format!("traceparent: {}", traceparent(1));
    assert_eq!(all("traceparent:"), [parent]);
}
