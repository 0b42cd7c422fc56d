//! The program as a reader runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::viewer::{Viewer, command};
use prost::Message;
use std::{fs, path::Path, process::Output};

const TRACE: &str = "5b8efff798038103d269b633813fc601";

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
fn a_capture_that_was_cut_off_is_drawn_as_far_as_it_goes() {
    let directory = tempfile::tempdir().unwrap();
    let capture = directory.path().join("cut.jsonl");
    let span = |name: &str, id: &str| {
        format!(
            "{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{{\
             \"traceId\":\"{TRACE}\",\"spanId\":\"{id}\",\
             \"name\":\"{name}\"}}]}}]}}]}}\n"
        )
    };
    let whole = span("whole", "eee19b7ec3c1b101");
    let wrong = span("wrong", "eee19b7ec3c1b1");
    let cut = span("gr\u{fc}n", "eee19b7ec3c1b103");
    let at = cut.find('\u{fc}').unwrap() + 1;
    let bytes = [whole.as_bytes(), wrong.as_bytes(), &cut.as_bytes()[..at]];
    fs::write(&capture, bytes.concat()).unwrap();
    let drawn = run(&["draw", path(&capture), "--golden"]);
    assert!(drawn.status.success());
    let tree = String::from_utf8(drawn.stdout).unwrap();
    assert_eq!(tree, "whole  UNSPECIFIED\n");
    let message = String::from_utf8(drawn.stderr).unwrap();
    assert!(message.contains("left out: line 2: 1 item: span \"wrong\""));
    assert!(message.contains("left out: line 3: EOF"), "{message}");
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
