//! Runs the program as a reader would, and judges what it sends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{process::Stdio, time::Duration};

use otlp_console::{
    Golden, Limits, Receiver,
    contract::{self, Registry, Telemetry},
    golden,
};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_@NAME@");

/// Longest wait for telemetry, or for the program to start or end.
const DEADLINE: Duration = Duration::from_secs(20);

// ANCHOR: golden
#[tokio::test]
async fn a_greeting_is_one_trace() {
    let received = after(&["/greetings/ada"], 2).await;
    let traces = received.traces();
    assert_eq!(traces.len(), 1, "one request, one trace");
    let trace = Golden::default().render(&traces[0]);
    golden::assert_matches("traces/greeting.txt", &trace);
}
// ANCHOR_END: golden

// ANCHOR: contract
#[tokio::test]
async fn all_telemetry_keeps_the_contract() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    let received = after(&["/greetings/ada", "/other"], 3).await;
    let received = Telemetry::from(&received);
    assert_eq!(registry.check(&received), []);
    assert_eq!(registry.unseen(&received), []);
}
// ANCHOR_END: contract

#[test]
fn the_tables_are_made_from_the_registry() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    contract::assert_current("telemetry/tables.md", &registry.markdown());
}

/// What arrives when the program is asked for `paths` and then stopped.
async fn after(paths: &[&str], spans: usize) -> Receiver {
    let receiver = Receiver::start(Limits::default()).await.unwrap();
    let mut command = Command::new(PROGRAM);
    // None of the variables of whoever runs the tests.
    for (name, _) in std::env::vars() {
        if name.starts_with("OTEL_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    let mut program = command
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http_endpoint())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let line = timeout(DEADLINE, lines.next_line()).await.unwrap();
    let line = line.unwrap().expect("the program ended before it listened");
    let (_, url) = line.split_once("listens on ").unwrap();
    for path in paths {
        reqwest::get(format!("{url}{path}")).await.unwrap();
    }
    let pid = Pid::from_raw(program.id().unwrap().cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let status = timeout(DEADLINE, program.wait()).await.unwrap().unwrap();
    assert!(status.success());
    receiver.wait_for_spans(spans, DEADLINE).await.unwrap();
    receiver
}
