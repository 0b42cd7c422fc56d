//! Stopping while requests come in.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    lab::{DEADLINE, MEMBER, servers},
    program::{Program, stop_at_once},
};

/// So many ask at any time: however slow the machine is, no more than that
/// wait for it.
const CLIENTS: usize = 16;

/// Requests that stop with the program: some were answered, and the last one
/// of each client was not.
#[tokio::test]
async fn a_stop_under_load_loses_no_answer_and_no_span() {
    let often = [
        ("RATE_LIMIT_PER_SECOND", "100000"),
        ("RATE_LIMIT_BURST", "100000"),
        // A busy machine finishes what it has begun, too.
        ("ROCKET_SHUTDOWN", "{grace=6,mercy=3}"),
    ];
    let program = Arc::new(Program::start(&often).await);
    assert_eq!(program.add("ada").await.status(), 201);
    let answered = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (program, answered) = (Arc::clone(&program), Arc::clone(&answered));
        clients.spawn(ask_on(program, client, answered));
    }
    let start = Instant::now();
    while answered.load(Ordering::Relaxed) < 200 {
        assert!(start.elapsed() < DEADLINE, "no load");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    program.signal(Signal::TERM);
    let answered: BTreeSet<_> =
        clients.join_all().await.into_iter().flatten().collect();
    assert!(answered.len() >= 200, "{answered:?}");
    let program = Arc::into_inner(program).unwrap();
    let ended = program.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    // Whatever was begun was answered, and the other way round.
    let mut begun = BTreeSet::new();
    for span in &servers(&ended.receiver)[1..] {
        let trace = u128::from_be_bytes(span.trace_id.0);
        assert!(begun.insert(format!("{trace:032x}")), "{trace}: twice");
    }
    assert_eq!(begun, answered);
}

/// Asks until nobody answers any more. The traces of the requests that got
/// their whole answer.
async fn ask_on(
    program: Arc<Program>,
    client: usize,
    answered: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut traces = Vec::new();
    loop {
        let trace = format!("{:032x}", traces.len() * CLIENTS + client + 1);
        let request = program
            .request(reqwest::Method::GET, "/users/ada")
            .header("traceparent", format!("00-{trace}-00000000000000ff-01"));
        let Ok(answer) = request.send().await else {
            return traces;
        };
        assert_eq!(answer.status(), 200, "{trace}");
        // The head is here, so the body has to come as well.
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["handle"], "ada", "{trace}");
        answered.fetch_add(1, Ordering::Relaxed);
        traces.push(trace);
    }
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
    // Longer than anybody here waits: it is the signal that ends it.
    let patient = [("ROCKET_SHUTDOWN", "{grace=600,mercy=600}")];
    let program = Program::start(&patient).await;
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
