//! Runs the program as an operator would: as a process, on a database of its
//! own.

use std::{
    collections::HashMap,
    process::{ExitStatus, Stdio},
    sync::LazyLock,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use throwaway::postgres::{Durability, Server};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
    time::timeout,
};

use crate::api::Api;

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// Keeps telemetry at home.
pub(crate) const QUIET: (&str, &str) = ("OTEL_SDK_DISABLED", "true");

/// One server for all tests; each has a database of its own.
static SERVER: LazyLock<Server> =
    LazyLock::new(|| Server::start(Durability::Fast).unwrap());

/// The running program.
pub(crate) struct Service {
    process: Child,
    /// What it says to its operator, read all the time: a program whose
    /// words nobody reads stops when the pipe is full.
    stderr: Option<JoinHandle<String>>,
    /// The URL of its database.
    pub(crate) database: String,
    /// The way to its API.
    pub(crate) api: Api,
}

impl Drop for Service {
    /// A program that has ended by itself is worth a word.
    fn drop(&mut self) {
        if let Ok(Some(status)) = self.process.try_wait()
            && std::thread::panicking()
        {
            eprintln!("the program had ended: {status}");
        }
    }
}

/// How the program ended and what it said to its operator.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

/// The URL of an empty database.
pub(crate) async fn new_database() -> String {
    let name = tokio::task::spawn_blocking(|| SERVER.new_database(None));
    SERVER.url(&name.await.unwrap().unwrap())
}

impl Service {
    /// The program on an empty database.
    pub(crate) async fn new() -> Self {
        Self::on(&new_database().await, &[QUIET]).await
    }

    /// The same, with snapshots so often that a debug build keeps up with
    /// many requests to one account.
    pub(crate) async fn for_crowds() -> Self {
        let snapshots = ("SNAPSHOT_EVERY", "20");
        Self::on(&new_database().await, &[QUIET, snapshots]).await
    }

    /// The program on the database with this URL.
    pub(crate) async fn on(database: &str, settings: &[(&str, &str)]) -> Self {
        let settings = [settings, &[("DATABASE_URL", database)]].concat();
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
            process,
            stderr: Some(stderr),
            database: database.to_owned(),
            api: Api::new(url),
        }
    }

    /// Sends `signal`.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.process.id().unwrap().cast_signed());
        kill_process(pid.unwrap(), signal).unwrap();
    }

    /// Waits for the end.
    pub(crate) async fn ended(mut self) -> Ended {
        let status = timeout(DEADLINE, self.process.wait()).await.unwrap();
        Ended {
            status: status.unwrap(),
            stderr: self.stderr.take().unwrap().await.unwrap(),
        }
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) async fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        self.ended().await
    }

    /// A connection to its database, as the owner of the tables.
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.database).await.unwrap()
    }

    /// Does something to the database behind the program's back.
    pub(crate) async fn sql(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        sql.execute(&mut self.connect().await).await.unwrap();
    }
}

/// Runs the program until it ends by itself.
pub(crate) async fn run(settings: &[(&str, &str)]) -> Ended {
    let process = command(settings).spawn().unwrap();
    let output = timeout(DEADLINE, process.wait_with_output()).await;
    let output = output.unwrap().unwrap();
    Ended {
        status: output.status,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn read(mut pipe: ChildStderr) -> String {
    let mut text = String::new();
    pipe.read_to_string(&mut text).await.unwrap();
    text
}

fn command(settings: &[(&str, &str)]) -> Command {
    // None of the variables of whoever runs the tests; ours win.
    let foreign = ["DATABASE", "MASTER_KEY", "NATS", "OTEL_", "RUST_LOG"];
    let inherited = std::env::vars().filter(|(name, _)| {
        !foreign.iter().any(|prefix| name.starts_with(prefix))
    });
    let mut variables: HashMap<_, _> = inherited.collect();
    variables.insert("LISTEN_ADDR".into(), "127.0.0.1:0".into());
    for (name, value) in settings {
        variables.insert((*name).into(), (*value).into());
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_event-sourcing"));
    command
        .env_clear()
        .envs(variables)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
