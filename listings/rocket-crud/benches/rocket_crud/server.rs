//! A server as a process, on the core that it has to itself.

use std::{
    env, fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

/// So many spans are sent at once, if nobody says otherwise.
pub(crate) const BATCH: u32 = 512;

/// How a server is traced.
#[derive(Clone, Copy)]
pub(crate) struct Mode {
    pub(crate) name: &'static str,
    pub(crate) tracing: &'static str,
    /// How much of 1 is sampled.
    pub(crate) ratio: &'static str,
    pub(crate) metrics: bool,
    /// How many spans are sent at once.
    pub(crate) batch: u32,
}

impl Mode {
    /// One with metrics, that sends as many spans at once as is usual.
    pub(crate) const fn new(
        name: &'static str,
        tracing: &'static str,
        ratio: &'static str,
    ) -> Self {
        Self {
            name,
            tracing,
            ratio,
            metrics: true,
            batch: BATCH,
        }
    }
}

/// A running server.
pub(crate) struct Server {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) address: String,
}

impl Server {
    /// Starts one that sends to `sink`. `around` is a program that runs it,
    /// with its arguments.
    pub(crate) fn start(
        workload: &str,
        mode: &Mode,
        sink: &str,
        folder: &Path,
        around: &[&str],
    ) -> Self {
        let own = env::current_exe().unwrap();
        let own = own.to_str().unwrap().to_owned();
        let mut words: Vec<&str> = Vec::new();
        if two_cores() {
            words.extend(["taskset", "--cpu-list", "0"]);
        }
        words.extend(around);
        words.extend([&own, "serve", workload, mode.tracing]);
        let file = folder.join("users.db");
        let database = format!("sqlite://{}?mode=rwc", file.display());
        let metrics = if mode.metrics { "otlp" } else { "none" };
        let mut process = Command::new(words[0])
            .args(&words[1..])
            .env("RUST_LOG", "off")
            .env("DATABASE_URL", database)
            .env("OTEL_SDK_DISABLED", (mode.tracing == "off").to_string())
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", sink)
            .env("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
            .env("OTEL_TRACES_SAMPLER_ARG", mode.ratio)
            .env("OTEL_METRICS_EXPORTER", metrics)
            .env("OTEL_LOGS_EXPORTER", "none")
            .env("OTEL_BSP_MAX_QUEUE_SIZE", "16384")
            .env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", mode.batch.to_string())
            .env("OTEL_BSP_SCHEDULE_DELAY", "1000")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = process.stdout.take().unwrap();
        let mut lines = BufReader::new(stdout).lines();
        let line = lines.next().expect("it ended before it listened").unwrap();
        let address = line.trim_start_matches("listens on ").to_owned();
        Self {
            process,
            lines,
            address,
        }
    }

    /// The processor time that it has used so far. Unlike rates, it hardly
    /// depends on who else is busy.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = format!("/proc/{}/stat", self.process.id());
        let text = fs::read_to_string(stat).unwrap();
        // Behind the name: state, parent, and numbers from there on.
        let (_, fields) = text.rsplit_once(") ").unwrap();
        let ticks = fields.split(' ').skip(11).take(2);
        let ticks: u64 = ticks.map(|it| it.parse::<u64>().unwrap()).sum();
        // A tick is a hundredth of a second on every Linux of today.
        Duration::from_millis(ticks * 10)
    }

    /// Stops it. Gives the spans that it made and those that it delivered.
    pub(crate) fn stop(mut self) -> (u64, u64) {
        let pid = Pid::from_raw(self.process.id().cast_signed()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let line = self.lines.next().unwrap().unwrap();
        self.process.wait().unwrap();
        // "delivered 25 of 25 spans, …"
        let mut numbers = line
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse().ok());
        let delivered = numbers.next().unwrap_or_default();
        (numbers.next().unwrap_or_default(), delivered)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, if somebody has stopped it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether the server can have a core to itself.
pub(crate) fn two_cores() -> bool {
    let cores = fs::read_to_string("/sys/devices/system/cpu/online");
    let is_one = cores.is_ok_and(|cores| cores.trim() == "0");
    let taskset = Command::new("taskset").arg("--version").output();
    !is_one && taskset.is_ok_and(|output| output.status.success())
}

/// Leaves the first core to the server.
pub(crate) fn stay_off_the_first_core() {
    if !two_cores() {
        return;
    }
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let others = format!("1-{}", cores.max(2) - 1);
    let pid = std::process::id().to_string();
    let moved = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", &others, &pid])
        .stdout(Stdio::null())
        .status();
    assert!(moved.unwrap().success(), "taskset failed");
}
