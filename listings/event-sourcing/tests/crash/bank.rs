//! The program as a process that can be killed.

use std::{process::Stdio, sync::LazyLock, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use throwaway::postgres::{Durability, Options, Server};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::spawn_blocking,
    time::{sleep, timeout},
};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A server that nobody kills. Each test has a database of its own.
static SERVER: LazyLock<Server> =
    LazyLock::new(|| Options::new(Durability::Fast).tcp().start().unwrap());

/// The URL of an empty database, over TCP.
pub(crate) async fn new_database() -> String {
    let making = spawn_blocking(|| {
        let name = SERVER.new_database(None).unwrap();
        SERVER.tcp_url(&name).unwrap()
    });
    making.await.unwrap()
}

/// A connection of the test's own.
pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

/// A running bank.
pub(crate) struct Bank {
    process: Child,
    /// Where its API is.
    pub(crate) url: String,
}

impl Bank {
    /// On the database with this URL. Answers requests when this returns.
    pub(crate) async fn start(database: &str) -> Self {
        let foreign = ["DATABASE", "MASTER_KEY", "SNAPSHOT", "NATS", "OTEL_"];
        let inherited = std::env::vars().filter(|(name, _)| {
            !foreign.iter().any(|prefix| name.starts_with(prefix))
        });
        let mut process = Command::new(env!("CARGO_BIN_EXE_event-sourcing"))
            .env_clear()
            .envs(inherited)
            .env("DATABASE_URL", database)
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("OTEL_SDK_DISABLED", "true")
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
            url: url.to_owned(),
        }
    }

    /// Kills it with SIGKILL, and waits until it is gone.
    pub(crate) async fn kill(&mut self) {
        assert!(self.runs(), "it has ended by itself");
        self.process.kill().await.unwrap();
    }

    /// Whether it has not ended.
    pub(crate) fn runs(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Stops it where it is, so that one can look.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let pid = self.process.id().unwrap().cast_signed();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }
}

/// Waits until `condition` holds; `what` says which.
pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let waiting = async {
        while !condition().await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, waiting).await.expect(what);
}
