//! Stopping while requests come in.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::RequestBuilder;
use rustix::process::Signal;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::interval,
};

use crate::{
    lab::{DEADLINE, MEMBER, servers},
    program::{Program, stop_at_once},
};

/// Five hundred requests a second, whether or not they are answered.
const PACE: Duration = Duration::from_millis(2);

/// Requests that stop with the program: some were answered, all that came
/// later were not.
#[tokio::test]
async fn a_stop_under_load_loses_no_answer_and_no_span() {
    let often = [
        ("RATE_LIMIT_PER_SECOND", "100000"),
        ("RATE_LIMIT_BURST", "100000"),
    ];
    let program = Program::start(&often).await;
    assert_eq!(program.add("ada").await.status(), 201);
    let answered = Arc::new(AtomicUsize::new(0));
    let mut requests = JoinSet::new();
    let mut pace = interval(PACE);
    let mut stopped = None;
    let start = Instant::now();
    for number in 1.. {
        assert!(start.elapsed() < DEADLINE, "no load");
        pace.tick().await;
        let trace = format!("{number:032x}");
        let request = program
            .request(reqwest::Method::GET, "/users/ada")
            .header("traceparent", format!("00-{trace}-00000000000000ff-01"));
        requests.spawn(ask(request, trace, Arc::clone(&answered)));
        match stopped {
            None if answered.load(Ordering::Relaxed) >= 200 => {
                program.signal(Signal::TERM);
                stopped = Some(number);
            }
            Some(at) if number > at + 100 => break,
            _ => {}
        }
    }
    let ended = program.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    let all = requests.join_all().await;
    let answered: BTreeSet<_> = all.iter().flatten().cloned().collect();
    assert!((200..all.len()).contains(&answered.len()), "{}", all.len());
    // Whatever was begun was answered, and the other way round.
    let mut begun = BTreeSet::new();
    for span in &servers(&ended.receiver)[1..] {
        let trace = u128::from_be_bytes(span.trace_id.0);
        assert!(begun.insert(format!("{trace:032x}")), "{trace}: twice");
    }
    assert_eq!(begun, answered);
}

/// The trace of a request that got its whole answer.
async fn ask(
    request: RequestBuilder,
    trace: String,
    answered: Arc<AtomicUsize>,
) -> Option<String> {
    let answer = request.send().await.ok()?;
    assert_eq!(answer.status(), 200, "{trace}");
    // The head is here, so the body has to come as well.
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["handle"], "ada", "{trace}");
    answered.fetch_add(1, Ordering::Relaxed);
    Some(trace)
}

/// A body that does not come keeps a request open for as long as one likes.
async fn hanging(program: &Program) -> TcpStream {
    let address = program.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /users HTTP/1.1\r\nhost: x\r\nauthorization: {MEMBER}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\
         expect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // It asks for the body, so it is at it.
    let mut said = [0; 12];
    stream.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 100");
    stream
}

#[tokio::test]
async fn a_signal_that_comes_before_the_launch_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let settings = [("DATABASE_URL", url.as_str()), ("RUST_LOG", "off")];
    assert_eq!(stop_at_once(&settings).await, Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let program = Program::start(&[]).await;
    let address = program.url.trim_start_matches("http://").to_owned();
    let _stream = hanging(&program).await;
    let start = Instant::now();
    program.signal(Signal::TERM);
    // It has taken the first one in when it accepts no connection any more.
    while TcpStream::connect(&address).await.is_ok() {
        assert!(start.elapsed() < DEADLINE, "it goes on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let ended = program.signal_until_it_ends(Signal::TERM).await;
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    assert!(start.elapsed() < Duration::from_secs(4), "it took its time");
}

#[tokio::test]
async fn a_request_that_does_not_end_is_given_up() {
    let brief = [("ROCKET_SHUTDOWN", "{grace=1,mercy=1}")];
    let program = Program::start(&brief).await;
    let _stream = hanging(&program).await;
    program.signal(Signal::TERM);
    let ended = program.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    // Rocket cuts the connection. If the request does not notice in time, the
    // program ends without it, and says so.
    let said = ended
        .stderr
        .contains("some requests did not finish in time");
    let told = servers(&ended.receiver).len() == 1;
    assert!(said != told, "{}", ended.stderr);
}
