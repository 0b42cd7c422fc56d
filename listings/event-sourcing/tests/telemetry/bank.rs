//! The real program on a database of its own, and a receiver for what it
//! sends.

use std::{process::Stdio, sync::LazyLock, time::Duration};

use otlp_console::{Limits, Receiver, Trace};
use reqwest::{Method, Response};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use throwaway::postgres::{Durability, Options, Server};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{sleep, timeout},
};
use uuid::Uuid;

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

static SERVER: LazyLock<Server> =
    LazyLock::new(|| Options::new(Durability::Fast).tcp().start().unwrap());

/// Sends telemetry over gRPC.
pub(crate) const GRPC: (&str, &str) = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");

/// A running bank.
pub(crate) struct Bank {
    process: Child,
    receiver: Receiver,
    url: String,
    database: String,
}

impl Bank {
    /// With these variables set.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Self {
        let receiver = Receiver::start(Limits::default()).await.unwrap();
        let database = SERVER.new_database(None).unwrap();
        // Over gRPC to the receiver goes with TCP to the database.
        let (endpoint, database) = match settings.contains(&GRPC) {
            true => (receiver.grpc_endpoint(), SERVER.tcp_url(&database)),
            false => (receiver.http_endpoint(), Some(SERVER.url(&database))),
        };
        let database = database.unwrap();
        let inherited = std::env::vars().filter(|(name, _)| {
            !name.starts_with("OTEL_") && name != "RUST_LOG"
        });
        let mut process = Command::new(env!("CARGO_BIN_EXE_event-sourcing"))
            .env_clear()
            .envs(inherited)
            .env("DATABASE_URL", &database)
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = process.stdout.take().unwrap();
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(DEADLINE, lines.next_line()).await.unwrap();
        let line = line.unwrap().expect("the program ended before it listened");
        let (_, url) = line.split_once("listens on ").unwrap();
        Self {
            process,
            receiver,
            url: url.to_owned(),
            database,
        }
    }

    /// Sends SIGTERM, waits for the end, and returns what arrived.
    pub(crate) async fn stop(mut self) -> Receiver {
        let pid = self.process.id().unwrap();
        kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::TERM)
            .unwrap();
        let status = timeout(DEADLINE, self.process.wait()).await.unwrap();
        assert!(status.unwrap().success());
        self.receiver
    }

    /// Waits for a metric while the bank runs.
    pub(crate) async fn sends(&self, metric: &str) {
        self.receiver
            .wait_for_metric(metric, DEADLINE)
            .await
            .unwrap();
    }

    /// Waits for a log record while the bank runs.
    pub(crate) async fn says(&self, event: &str) {
        let is_there = || {
            let mut logs = self.receiver.logs().into_iter();
            logs.any(|log| log.event_name == event)
        };
        let waiting = async {
            while !is_there() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(DEADLINE, waiting).await.expect(event);
    }

    /// Lets nobody into the database any more, and throws everybody out.
    pub(crate) fn cut_off(&self) {
        let name = self.database.rsplit('/').next().unwrap();
        let name = name.split('?').next().unwrap();
        for sql in [
            format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
            format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = '{name}'"
            ),
        ] {
            SERVER.psql("postgres", &sql).unwrap();
        }
    }

    /// A connection of the test's own.
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.database).await.unwrap()
    }

    /// Sends a request that has a body, with a key of its own.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.post_as(Uuid::now_v7(), path, body).await
    }

    /// Sends a request under this key.
    pub(crate) async fn post_as(
        &self,
        key: Uuid,
        path: &str,
        body: &Value,
    ) -> Response {
        let request = self.request(Method::POST, path);
        let request = request
            .header("idempotency-key", key.to_string())
            .header("content-type", "application/json")
            .body(body.to_string());
        request.send().await.unwrap()
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.url);
        reqwest::Client::new()
            .request(method, url)
            .timeout(DEADLINE)
    }

    /// Asks for `path`.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// The account as the read model has it, once it has come to `version`: a
    /// busy machine may take longer than one request waits.
    pub(crate) async fn read(&self, account: &str, version: i64) -> Response {
        let path = format!("{account}?min_version={version}");
        let reading = async {
            loop {
                let read = self.get(&path).await;
                if read.status() != 503 {
                    return read;
                }
            }
        };
        timeout(DEADLINE, reading).await.expect(&path)
    }

    /// Opens an account in euros, in the name of `holder`.
    pub(crate) async fn open_for(&self, holder: &str) -> Value {
        let body = json!({ "holder": holder, "currency": "EUR" });
        let answer = self.post("/accounts", &body).await;
        assert_eq!(answer.status(), 201);
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// Opens an account in euros and returns its path.
    pub(crate) async fn open(&self) -> String {
        let receipt = self.open_for("Ada").await;
        format!("/accounts/{}", receipt["account_id"].as_str().unwrap())
    }

    /// Pays 5 euros in.
    pub(crate) async fn deposit(&self, account: &str) {
        let answer = self
            .post(&format!("{account}/deposits"), &amount(500))
            .await;
        assert_eq!(answer.status(), 201);
    }
}

/// A body with an amount in cents.
pub(crate) fn amount(minor: i64) -> Value {
    json!({ "amount": { "minor": minor, "currency": "EUR" } })
}

/// All traces whose root has this name, by their start.
pub(crate) fn traces_of(receiver: &Receiver, root: &str) -> Vec<Trace> {
    let mut traces = receiver.traces();
    traces.retain(|trace| trace.root().is_some_and(|span| span.name == root));
    traces.sort_by_key(Trace::start_unix_nano);
    traces
}

/// Waits until a query of the test's own finds `true`.
pub(crate) async fn until(connection: &mut PgConnection, sql: &'static str) {
    let asking = async {
        while !sqlx::query_scalar::<_, bool>(sql)
            .fetch_one(&mut *connection)
            .await
            .unwrap()
        {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(DEADLINE, asking).await.expect(sql);
}

// ANCHOR: collide
/// Two deposits that both read the same version: a lock of the test's own
/// holds their writes back until both are there.
pub(crate) async fn collide(bank: &Bank, account: &str) {
    let mut owner = bank.connect().await;
    let mut lock = owner.begin().await.unwrap();
    sqlx::query("SELECT FROM streams FOR UPDATE")
        .execute(&mut *lock)
        .await
        .unwrap();
    let mut watcher = bank.connect().await;
    let release = async {
        until(
            &mut watcher,
            "SELECT count(*) = 2 FROM pg_stat_activity
             WHERE datname = current_database()
               AND wait_event_type = 'Lock'",
        )
        .await;
        lock.rollback().await.unwrap();
    };
    tokio::join!(bank.deposit(account), bank.deposit(account), release);
}
// ANCHOR_END: collide
