//! The programs, how they are started, and how they end.

use std::{
    collections::HashMap,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
    time::timeout,
};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) const BFF: &str = env!("CARGO_BIN_EXE_bff");
pub(crate) const BACKEND: &str = env!("CARGO_BIN_EXE_backend");

/// A running program of this listing.
pub(crate) struct Program {
    process: Child,
    /// Read all the time: a program whose words nobody reads stops when the
    /// pipe is full.
    stderr: JoinHandle<String>,
    /// Where it listens, as a URL.
    pub(crate) url: String,
}

/// How a program ended and what it said to its operator.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

impl Program {
    pub(crate) async fn start(
        program: &str,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> Self {
        let mut process =
            command(program, arguments, settings).spawn().unwrap();
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
            stderr,
            url: url.to_owned(),
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.process.id().unwrap().cast_signed());
        kill_process(pid.unwrap(), signal).unwrap();
    }

    /// Waits for the end.
    pub(crate) async fn ended(mut self) -> Ended {
        let status = timeout(DEADLINE, self.process.wait()).await.unwrap();
        Ended {
            status: status.unwrap(),
            stderr: self.stderr.await.unwrap(),
        }
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) async fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        self.ended().await
    }
}

/// Runs a program until it ends by itself.
pub(crate) async fn run(
    program: &str,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> Ended {
    let process = command(program, arguments, settings).spawn().unwrap();
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

fn command(
    program: &str,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> Command {
    // None of the variables of whoever runs the tests; ours win.
    let inherited = std::env::vars()
        .filter(|(name, _)| ["PATH", "HOME", "TMPDIR"].contains(&&**name));
    let mut variables: HashMap<_, _> = inherited.collect();
    variables.insert("LISTEN_ADDR".into(), "127.0.0.1:0".into());
    for (name, value) in settings {
        variables.insert((*name).into(), (*value).into());
    }
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(variables)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
