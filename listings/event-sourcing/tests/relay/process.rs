//! The programs of this listing as processes, which can be killed.

use std::{process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A running program.
pub(crate) struct Process {
    child: Child,
    /// Kept open: a program that cannot print ends.
    _output: Lines<BufReader<ChildStdout>>,
    /// The first line that it has printed.
    pub(crate) greeting: String,
}

impl Process {
    /// Starts the bank, with its relay.
    pub(crate) async fn bank(settings: &[(&str, &str)]) -> Self {
        Self::start(env!("CARGO_BIN_EXE_event-sourcing"), settings).await
    }

    /// Starts a `turnover`.
    pub(crate) async fn turnover(settings: &[(&str, &str)]) -> Self {
        Self::start(env!("CARGO_BIN_EXE_turnover"), settings).await
    }

    async fn start(program: &str, settings: &[(&str, &str)]) -> Self {
        let mut child = command(program, settings).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut output = BufReader::new(stdout).lines();
        let line = timeout(DEADLINE, output.next_line()).await.unwrap();
        Self {
            child,
            _output: output,
            greeting: line.unwrap().expect("the program ended at once"),
        }
    }

    /// Kills it, without a warning.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, and waits.
    pub(crate) async fn stop(mut self) {
        let pid = self.child.id().unwrap().cast_signed();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
        let status = timeout(DEADLINE, self.child.wait()).await.unwrap();
        assert!(status.unwrap().success());
    }
}

/// Runs a program until it ends by itself, and returns its complaint.
pub(crate) async fn complaint(
    program: &str,
    settings: &[(&str, &str)],
) -> String {
    let mut command = command(program, settings);
    let process = command.stderr(Stdio::piped()).spawn().unwrap();
    let output = timeout(DEADLINE, process.wait_with_output()).await;
    let output = output.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

fn command(program: &str, settings: &[(&str, &str)]) -> Command {
    let traced = settings.iter().any(|(name, _)| name.starts_with("OTEL"));
    let quiet: &[_] = match traced {
        true => &[],
        false => &[("OTEL_SDK_DISABLED", "true")],
    };
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .envs(quiet.iter().chain(settings).copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}
