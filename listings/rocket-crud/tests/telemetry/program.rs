//! The program, how it is started, and how it ends.

use std::{
    collections::HashMap,
    process::{ExitStatus, Stdio},
    sync::LazyLock,
    time::Duration,
};

use otlp_console::{Limits, Receiver};
use reqwest::{Method, RequestBuilder, Response};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use throwaway::postgres::{Durability, Options, Server};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
    time::timeout,
};

use crate::lab::{DEADLINE, KEYS, MEMBER, client};

pub(crate) static POSTGRES: LazyLock<Server> =
    LazyLock::new(|| Options::new(Durability::Fast).tcp().start().unwrap());

/// Sends telemetry over gRPC.
pub(crate) const GRPC: (&str, &str) = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");

/// A running program, with SQLite in a folder of its own.
pub(crate) struct Program {
    pub(crate) receiver: Receiver,
    process: Child,
    /// Read all the time: a program whose words nobody reads stops when the
    /// pipe is full.
    stderr: JoinHandle<String>,
    pub(crate) url: String,
    client: reqwest::Client,
    _folder: TempDir,
}

/// How a program ended and what it said to its operator.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
    pub(crate) receiver: Receiver,
}

impl Program {
    /// With these variables set.
    pub(crate) async fn start(own: &[(&str, &str)]) -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let endpoint = match own.contains(&GRPC) {
            true => receiver.grpc_endpoint(),
            false => receiver.http_endpoint(),
        };
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("users.db");
        let sqlite = format!("sqlite://{}?mode=rwc", file.display());
        let mut settings = vec![
            ("API_KEYS", KEYS),
            ("DATABASE_URL", sqlite.as_str()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("ROCKET_SHUTDOWN", "{grace=2,mercy=1}"),
            ("RUST_LOG", "info,opentelemetry=warn,sqlx=off"),
        ];
        settings.extend(own);
        let mut process = command(&settings).spawn().unwrap();
        let stderr = tokio::spawn(read(process.stderr.take().unwrap()));
        let stdout = process.stdout.take().unwrap();
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(DEADLINE, lines.next_line()).await.unwrap();
        let Some(line) = line.unwrap() else {
            panic!("it ended early: {}", stderr.await.unwrap());
        };
        let (_, url) = line.split_once("listens on ").unwrap();
        Self {
            receiver,
            process,
            stderr,
            url: url.to_owned(),
            client: client(),
            _folder: folder,
        }
    }

    /// A request of the member.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.url);
        let request = self.client.request(method, url);
        request.header("authorization", MEMBER)
    }

    /// Asks as the member.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// Adds a user.
    pub(crate) async fn add(&self, handle: &str) -> Response {
        let user = crate::lab::user(handle);
        let request = self.request(Method::POST, "/users").json(&user);
        request.send().await.unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.process.id().unwrap().cast_signed());
        kill_process(pid.unwrap(), signal).unwrap();
    }

    /// Two signals that come together are one to a program.
    pub(crate) async fn signal_until_it_ends(
        mut self,
        signal: Signal,
    ) -> Ended {
        let moment = Duration::from_millis(100);
        let signalling = async {
            self.signal(signal);
            while timeout(moment, self.process.wait()).await.is_err() {
                self.signal(signal);
            }
        };
        timeout(DEADLINE, signalling).await.unwrap();
        self.ended().await
    }

    /// Waits for the end.
    pub(crate) async fn ended(mut self) -> Ended {
        drop(self.client);
        let status = timeout(DEADLINE, self.process.wait()).await.unwrap();
        Ended {
            status: status.unwrap(),
            stderr: self.stderr.await.unwrap(),
            receiver: self.receiver,
        }
    }

    /// Sends SIGTERM and returns what arrived.
    pub(crate) async fn stop(self) -> Receiver {
        self.signal(Signal::TERM);
        let ended = self.ended().await;
        assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
        ended.receiver
    }
}

/// Runs the program until it ends by itself: its code, and its words.
pub(crate) async fn run(settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let process = command(settings).spawn().unwrap();
    let output = timeout(DEADLINE, process.wait_with_output()).await;
    let output = output.unwrap().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

/// Runs the program, and sends SIGTERM as soon as it has a word to say, which
/// is long before it listens.
pub(crate) async fn stop_at_once(settings: &[(&str, &str)]) -> Option<i32> {
    let mut process = command(settings).spawn().unwrap();
    let mut first = [0];
    let pipe = process.stderr.as_mut().unwrap();
    timeout(DEADLINE, pipe.read_exact(&mut first))
        .await
        .unwrap()
        .unwrap();
    let pid = Pid::from_raw(process.id().unwrap().cast_signed());
    kill_process(pid.unwrap(), Signal::TERM).unwrap();
    let output = timeout(DEADLINE, process.wait_with_output()).await;
    output.unwrap().unwrap().status.code()
}

async fn read(mut pipe: ChildStderr) -> String {
    let mut text = String::new();
    pipe.read_to_string(&mut text).await.unwrap();
    text
}

fn command(settings: &[(&str, &str)]) -> Command {
    // None of the variables of whoever runs the tests; ours win.
    let inherited = std::env::vars().filter(|(name, _)| {
        let own = ["OTEL_", "ROCKET_", "RUST_LOG", "DATABASE_", "API_KEYS"];
        !own.iter().any(|start| name.starts_with(start))
    });
    let mut variables: HashMap<_, _> = inherited.collect();
    variables.insert("ROCKET_PORT".into(), "0".into());
    for (name, value) in settings {
        variables.insert((*name).into(), (*value).into());
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_rocket-crud"));
    command
        .env_clear()
        .envs(variables)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
