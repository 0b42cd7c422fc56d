//! The program as a server, how it is started, and how it ends.

use std::{process::Stdio, time::Duration};

use otlp_console::{Limits, Receiver};
use polars_etl::generate::Shop;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(300);

/// A running server, with a shop of its own.
pub(crate) struct Program {
    pub(crate) receiver: Receiver,
    pub(crate) folder: TempDir,
    process: Child,
    client: reqwest::Client,
    pub(crate) url: String,
}

impl Program {
    /// For a shop with so many bad orders, with these options.
    pub(crate) async fn start(bad_per_mille: u32, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("input");
        std::fs::create_dir(&input).unwrap();
        let shop = Shop {
            orders: 5_000,
            seed: 3,
            bad_per_mille,
        };
        shop.write(&input).unwrap();
        Self::over(folder, options).await
    }

    /// For what is in a folder.
    pub(crate) async fn over(folder: TempDir, options: &[&str]) -> Self {
        Self::with(folder, options, &[]).await
    }

    /// The same, with these variables set.
    pub(crate) async fn with(
        folder: TempDir,
        options: &[&str],
        settings: &[(&str, &str)],
    ) -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_polars-etl"))
            .arg("serve")
            .arg(folder.path().join("input"))
            .arg(folder.path().join("output"))
            .args(["--listen", "127.0.0.1:0"])
            .args(options)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.http_endpoint())
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = process.stdout.take().unwrap();
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(DEADLINE, lines.next_line()).await.unwrap();
        let line = line.unwrap().expect("it ended early");
        let (_, url) = line.split_once("listens on ").unwrap();
        Self {
            receiver,
            folder,
            process,
            client: reqwest::Client::new(),
            url: url.to_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        let asking = self.client.get(format!("{}{path}", self.url));
        asking.send().await.unwrap()
    }

    pub(crate) async fn ask(&self, question: &Value) -> reqwest::Response {
        let asking = self.client.post(format!("{}/v1/query", self.url));
        asking.json(question).send().await.unwrap()
    }

    /// Asks for a run, and gives its place.
    pub(crate) async fn post_run(&self) -> String {
        let asking = self.client.post(format!("{}/v1/runs", self.url));
        let answer = asking.send().await.unwrap();
        assert_eq!(answer.status(), 202);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Has the pipeline run, and gives its state at the end.
    pub(crate) async fn run(&self) -> String {
        let place = self.post_run().await;
        let until = Instant::now() + DEADLINE;
        loop {
            let run: Value = self.get(&place).await.json().await.unwrap();
            let state = run["state"].as_str().unwrap();
            if ["done", "failed"].contains(&state) {
                return state.to_owned();
            }
            assert!(Instant::now() < until, "{run}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends SIGTERM, and gives what arrived.
    pub(crate) async fn stop(mut self) -> (Receiver, TempDir) {
        let id = self.process.id().unwrap();
        let kill = format!("kill -TERM {id}");
        let told = Command::new("sh").args(["-c", &kill]).status().await;
        assert!(told.unwrap().success());
        let ended = timeout(DEADLINE, self.process.wait()).await.unwrap();
        assert!(ended.unwrap().success());
        (self.receiver, self.folder)
    }
}
