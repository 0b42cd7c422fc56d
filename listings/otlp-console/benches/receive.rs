//! How fast the viewer receives and renders, and how much memory it takes.
//!
//! Prints rows of a Markdown table. `cargo bench` sends a million spans for
//! each row; without `--bench`, as in `cargo test --benches`, ten thousand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/common/mod.rs"]
mod common;

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, trace_service_client::TraceServiceClient,
    },
    trace::v1::Span,
};
use prost::Message;
use reqwest::header::CONTENT_TYPE;
use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    thread::{self, JoinHandle},
    time::Instant,
};
use tonic::transport::Channel;

const SPANS_PER_TRACE: usize = 10;
/// The batch size of the SDK's batch span processor.
const SPANS_PER_REQUEST: usize = 512 / SPANS_PER_TRACE * SPANS_PER_TRACE;
/// Requests on their way at the same time.
const SENDERS: usize = 4;

#[tokio::main]
async fn main() {
    let full = env::args().any(|argument| argument == "--bench");
    let spans = if full { 1_000_000 } else { 10_000 };
    println!("| otlp-console | spans | per second | peak memory |");
    println!("|---|--:|--:|--:|");
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc]
    {
        let viewer = Viewer::start(spans / SPANS_PER_TRACE);
        let start = Instant::now();
        send(&viewer, protocol, spans).await;
        let memory = viewer.all_traces_printed();
        let rate = spans as f64 / start.elapsed().as_secs_f64();
        println!(
            "| received and rendered, {} | {spans} | {rate:.0} | {} MiB |",
            protocol.name(),
            memory >> 20
        );
    }
}

#[derive(Clone, Copy)]
enum Protocol {
    HttpProtobuf,
    HttpJson,
    Grpc,
}

impl Protocol {
    fn name(self) -> &'static str {
        match self {
            Self::HttpProtobuf => "HTTP/protobuf",
            Self::HttpJson => "HTTP/JSON",
            Self::Grpc => "gRPC",
        }
    }
}

/// The program itself, in a process of its own, so that its memory is its
/// own, too.
struct Viewer {
    child: Child,
    http: String,
    grpc: String,
    printed: JoinHandle<ChildStdout>,
}

impl Viewer {
    fn start(traces: usize) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_otlp-console"))
            .args(["--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"])
            .args(["--settle", "100ms"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stderr = child.stderr.as_mut().unwrap();
        BufReader::new(stderr).read_line(&mut line).unwrap();
        let mut addresses = line.split("http://").skip(1).map(|rest| {
            format!("http://{}", rest.trim_end().split(',').next().unwrap())
        });
        let http = addresses.next().unwrap();
        let grpc = addresses.next().unwrap();
        let stdout = child.stdout.take().unwrap();
        let printed = thread::spawn(move || count_traces(stdout, traces));
        Self {
            child,
            http,
            grpc,
            printed,
        }
    }

    /// Waits for the last trace; returns the peak memory in bytes.
    fn all_traces_printed(mut self) -> usize {
        // The pipe stays open until the memory has been read.
        let _stdout = self.printed.join().unwrap();
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let number = line.unwrap().split_whitespace().nth(1).unwrap();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        number.parse::<usize>().unwrap() * 1024
    }
}

/// Reads until so many traces were printed, none of them twice.
fn count_traces(stdout: ChildStdout, traces: usize) -> ChildStdout {
    let mut lines = BufReader::new(stdout);
    let mut line = String::new();
    let mut seen = 0;
    while seen < traces {
        line.clear();
        let length = lines.read_line(&mut line).unwrap();
        assert!(length > 0, "the program ended after {seen} traces");
        assert!(!line.contains("printed again"), "{line}");
        seen += usize::from(line.starts_with("trace "));
    }
    lines.into_inner()
}

async fn send(viewer: &Viewer, protocol: Protocol, spans: usize) {
    let requests = spans.div_ceil(SPANS_PER_REQUEST);
    let channel = tonic::transport::Endpoint::new(viewer.grpc.clone());
    let channel = channel.unwrap().connect_lazy();
    let client = reqwest::Client::new();
    let senders = (0..SENDERS).map(|sender| {
        let (client, channel) = (client.clone(), channel.clone());
        let endpoint = format!("{}/v1/traces", viewer.http);
        tokio::spawn(async move {
            for nth in (sender..requests).step_by(SENDERS) {
                let first = nth * SPANS_PER_REQUEST;
                let last = spans.min(first + SPANS_PER_REQUEST);
                let request = common::traces((first..last).map(span).collect());
                match protocol {
                    Protocol::Grpc => export(&channel, request).await,
                    Protocol::HttpProtobuf => {
                        let body = request.encode_to_vec();
                        let kind = "application/x-protobuf";
                        post(&client, &endpoint, kind, body).await;
                    }
                    Protocol::HttpJson => {
                        let body = serde_json::to_vec(&request).unwrap();
                        let kind = "application/json";
                        post(&client, &endpoint, kind, body).await;
                    }
                }
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
}

async fn export(channel: &Channel, request: ExportTraceServiceRequest) {
    let mut client = TraceServiceClient::new(channel.clone());
    client.export(request).await.unwrap();
}

async fn post(
    client: &reqwest::Client,
    endpoint: &str,
    content_type: &str,
    body: Vec<u8>,
) {
    let request = client.post(endpoint).header(CONTENT_TYPE, content_type);
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

/// The nth span of all: a root with nine children, then the next root.
fn span(nth: usize) -> Span {
    let trace = nth / SPANS_PER_TRACE + 1;
    let root = (trace * SPANS_PER_TRACE) as u64;
    let number = nth % SPANS_PER_TRACE;
    let id = root + number as u64;
    let parent = if number == 0 {
        vec![]
    } else {
        root.to_be_bytes().into()
    };
    Span {
        trace_id: (trace as u128).to_be_bytes().to_vec(),
        span_id: id.to_be_bytes().to_vec(),
        parent_span_id: parent,
        name: format!("step {number}"),
        attributes: (0..5)
            .map(|at| common::text(&format!("bench.attribute.{at}"), "value"))
            .collect(),
        ..common::span(1)
    }
}
