//! The program in a process of its own.

use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use reqwest::header::CONTENT_TYPE;
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otlp-console"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}

/// The viewer on free ports, killed when a test fails.
pub(crate) struct Viewer {
    child: Child,
    pub(crate) http: String,
    pub(crate) grpc: String,
}

impl Viewer {
    pub(crate) fn start(arguments: &[&str]) -> Self {
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
        let mut addresses = first_line.split("http://").skip(1).map(|rest| {
            let address = rest.split([',', '\n']).next().unwrap();
            format!("http://{address}")
        });
        Self {
            http: addresses.next().unwrap(),
            grpc: addresses.next().unwrap(),
            child,
        }
    }

    pub(crate) async fn send(&self, spans: Vec<Span>) {
        self.post("traces", super::traces(spans).encode_to_vec())
            .await;
    }

    pub(crate) async fn post(&self, signal: &str, body: Vec<u8>) {
        let response = reqwest::Client::new()
            .post(format!("{}/v1/{signal}", self.http))
            .header(CONTENT_TYPE, "application/x-protobuf")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }

    /// Peak resident memory in bytes.
    pub(crate) fn peak_memory(&self) -> usize {
        let status = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let number = line.unwrap().split_whitespace().nth(1).unwrap();
        number.parse::<usize>().unwrap() * 1024
    }

    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        // The shell's own kill: not every system has the program.
        let kill = ["-c", "kill \"$0\"", &pid];
        let killed = Command::new("sh").args(kill).status().unwrap();
        assert!(killed.success());
    }

    /// Standard output once the program has ended well.
    pub(crate) fn output(mut self) -> String {
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
