//! The programs, as a reader would start them.

use std::{collections::HashMap, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// Longest wait for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// A running program of this listing.
pub(crate) struct Program {
    process: Child,
    /// Where it listens, as a URL.
    pub(crate) url: String,
}

impl Program {
    /// The service `role`.
    pub(crate) async fn backend(role: &str, settings: &[(&str, &str)]) -> Self {
        let program = env!("CARGO_BIN_EXE_backend");
        Self::start(program, &[role], settings).await
    }

    /// The BFF.
    pub(crate) async fn bff(settings: &[(&str, &str)]) -> Self {
        Self::start(env!("CARGO_BIN_EXE_bff"), &[], settings).await
    }

    async fn start(
        program: &str,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> Self {
        let mut process = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(variables(settings))
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

    /// Sends SIGTERM, and waits for the end and for the last telemetry.
    pub(crate) async fn stop(mut self) {
        let pid = self.process.id().unwrap();
        kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::TERM)
            .unwrap();
        let status = timeout(DEADLINE, self.process.wait()).await.unwrap();
        assert!(status.unwrap().success());
    }
}

/// None of the variables of whoever runs the tests; ours win.
fn variables(settings: &[(&str, &str)]) -> HashMap<String, String> {
    let inherited = std::env::vars()
        .filter(|(name, _)| !name.starts_with("OTEL_") && name != "RUST_LOG");
    let mut variables: HashMap<_, _> = inherited.collect();
    variables.insert("LISTEN_ADDR".into(), "127.0.0.1:0".into());
    for (name, value) in settings {
        variables.insert((*name).into(), (*value).into());
    }
    variables
}
