//! Runs `shop` and `stock` as a reader would: as processes, over sockets.

use std::{
    collections::HashMap,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// Longest wait for telemetry, or for a process to start or end.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A running program of this listing.
pub(crate) struct Service {
    process: Child,
    /// Where it listens, as a URL.
    pub(crate) url: String,
}

/// How a program ended and what it said to its operator.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

impl Service {
    pub(crate) async fn stock(settings: &[(&str, &str)]) -> Self {
        Self::start(env!("CARGO_BIN_EXE_stock"), settings).await
    }

    pub(crate) async fn shop(stock: &str, settings: &[(&str, &str)]) -> Self {
        let settings = [settings, &[("STOCK_URL", stock)]].concat();
        Self::start(env!("CARGO_BIN_EXE_shop"), &settings).await
    }

    /// `stock`, in a process that may have so many files open.
    pub(crate) async fn stock_with_files(
        files: u32,
        settings: &[(&str, &str)],
    ) -> Self {
        let mut shell = command("sh", settings);
        let limited = format!("ulimit -n {files} && exec \"$0\"");
        shell.args(["-c", &limited, env!("CARGO_BIN_EXE_stock")]);
        Self::spawn(shell).await
    }

    async fn start(program: &str, settings: &[(&str, &str)]) -> Self {
        Self::spawn(command(program, settings)).await
    }

    async fn spawn(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
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

    /// Sends SIGTERM and waits for the end.
    pub(crate) async fn stop(mut self) -> Ended {
        let pid = self.process.id().unwrap();
        kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::TERM)
            .unwrap();
        let status = timeout(DEADLINE, self.process.wait()).await.unwrap();
        let mut stderr = String::new();
        let mut pipe = self.process.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).await.unwrap();
        Ended {
            status: status.unwrap(),
            stderr,
        }
    }
}

/// Runs `program` until it ends by itself.
pub(crate) async fn run(program: &str, settings: &[(&str, &str)]) -> Ended {
    let process = command(program, settings).spawn().unwrap();
    let output = timeout(DEADLINE, process.wait_with_output()).await;
    let output = output.unwrap().unwrap();
    Ended {
        status: output.status,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn command(program: &str, settings: &[(&str, &str)]) -> Command {
    // None of the variables of whoever runs the tests; ours win.
    let inherited = std::env::vars()
        .filter(|(name, _)| !name.starts_with("OTEL_") && name != "RUST_LOG");
    let mut variables: HashMap<_, _> = inherited.collect();
    variables.insert("LISTEN_ADDR".into(), "127.0.0.1:0".into());
    for (name, value) in settings {
        variables.insert((*name).into(), (*value).into());
    }
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(variables)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
