//! The program as a reader runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use reqwest::header::CONTENT_TYPE;
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otlp-console"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}

/// The viewer on free ports, killed when a test fails.
struct Viewer {
    child: Child,
    http: String,
}

impl Viewer {
    fn start(arguments: &[&str]) -> Self {
        let ports = ["--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"];
        let mut child = command(&ports)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first_line = String::new();
        let stderr = child.stderr.as_mut().unwrap();
        BufReader::new(stderr).read_line(&mut first_line).unwrap();
        let (_, rest) = first_line.split_once("http://").unwrap();
        let (address, _) = rest.split_once(',').unwrap();
        Self {
            child,
            http: format!("http://{address}"),
        }
    }

    async fn send(&self, spans: Vec<Span>) {
        self.post("traces", common::traces(spans).encode_to_vec())
            .await;
    }

    async fn post(&self, signal: &str, body: Vec<u8>) {
        let response = reqwest::Client::new()
            .post(format!("{}/v1/{signal}", self.http))
            .header(CONTENT_TYPE, "application/x-protobuf")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }

    fn terminate(&self) {
        let pid = self.child.id().to_string();
        // The shell's own kill: not every system has the program.
        let kill = ["-c", "kill \"$0\"", &pid];
        let killed = Command::new("sh").args(kill).status().unwrap();
        assert!(killed.success());
    }

    /// Standard output once the program has ended well.
    fn output(mut self) -> String {
        let mut text = String::new();
        let stdout = self.child.stdout.as_mut().unwrap();
        stdout.read_to_string(&mut text).unwrap();
        assert!(self.child.wait().unwrap().success());
        text
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        // It fails where the program has ended, as it should have.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn prints_a_finished_trace_and_ends_after_it() {
    // It waits for the root for as long as a busy machine takes to send it.
    let waiting = ["--settle", "50ms", "--patience", "60s"];
    let viewer =
        Viewer::start(&[&waiting[..], &["--exit-after", "1"]].concat());
    viewer.send(vec![common::span(2)]).await;
    viewer.send(vec![common::span(1)]).await;
    let output = viewer.output();
    let lines: Vec<_> = output.lines().collect();
    assert!(lines[0].starts_with("trace a1a1a1a1"), "{output}");
    assert!(lines[1].starts_with("span 1     SERVER    500 ns  █"));
    assert!(lines[2].starts_with("└─ span 2  SERVER    500 ns "));
}

#[tokio::test]
async fn a_signal_prints_what_is_unfinished() {
    let viewer = Viewer::start(&["--metrics"]);
    viewer.send(vec![common::span(2)]).await;
    viewer
        .post("logs", common::logs("late").encode_to_vec())
        .await;
    viewer
        .post("metrics", common::metrics("m").encode_to_vec())
        .await;
    viewer.terminate();
    let output = viewer.output();
    assert!(
        output.starts_with("metric  m  shop  42 order\n"),
        "{output}"
    );
    assert!(output.contains("1 span, 1 service, 500 ns, unfinished"));
    assert!(output.contains("(parent not received) 0101010101010101"));
    assert!(output.contains("(span not received)\n· INFO late"));
}

#[test]
fn ends_after_the_given_time() {
    assert_eq!(Viewer::start(&["--for", "20ms"]).output(), "");
}

#[tokio::test]
async fn a_capture_is_drawn_again() {
    let directory = tempfile::tempdir().unwrap();
    let live = directory.path().join("live.svg");
    let viewer =
        Viewer::start(&["--json", "--settle", "60s", "--svg", path(&live)]);
    viewer.send(vec![common::span(1), common::span(2)]).await;
    viewer
        .post("logs", common::logs("order priced").encode_to_vec())
        .await;
    viewer.terminate();
    let lines = viewer.output();
    assert_eq!(lines.lines().count(), 3);
    let capture = directory.path().join("capture.jsonl");
    fs::write(&capture, lines).unwrap();

    let golden = run(&["draw", path(&capture), "--golden"]);
    assert_eq!(
        String::from_utf8(golden.stdout).unwrap(),
        "span 1     SERVER\n\
         │  · INFO order priced\n\
         └─ span 2  SERVER\n"
    );
    let picture = directory.path().join("picture.svg");
    let drawn = run(&["draw", path(&capture), "--svg", path(&picture)]);
    assert!(drawn.status.success());
    let picture = fs::read_to_string(picture).unwrap();
    assert_eq!(picture, fs::read_to_string(live).unwrap());
    assert!(picture.starts_with("<svg "));
}

#[test]
fn mistakes_are_one_clear_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken.jsonl");
    fs::write(&broken, "{}\n").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let cases: [(&[&str], &str); 4] = [
        (
            &["--http", &taken],
            "cannot listen for OTLP/HTTP on 127.0.0.1:",
        ),
        (&["draw", "/nowhere"], "/nowhere: No such file"),
        (&["draw", path(&broken)], "line 1: expected resourceSpans"),
        (&["--settle", "soon"], "invalid value 'soon' for '--settle"),
    ];
    for (arguments, sentence) in cases {
        let output = run(arguments);
        assert!(!output.status.success());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(sentence), "{message}");
    }
}
