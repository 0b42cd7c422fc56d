//! The programs that take part, each a process on its core.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// Where a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Core {
    /// The first, which the BFF has to itself.
    First,
    /// With the load and everything else.
    Other,
}

/// A running program. It is stopped when it is dropped.
pub(crate) struct Program {
    process: Child,
    /// Where it listens, as a URL.
    pub(crate) url: String,
}

impl Program {
    pub(crate) fn start(
        program: &str,
        arguments: &[&str],
        settings: &[(&str, &str)],
        core: Core,
    ) -> Self {
        let mut command = match core {
            Core::First if two_cores() => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", "0", program]);
                command
            }
            // Children stay where we are.
            _ => Command::new(program),
        };
        let mut process = command
            .args(arguments)
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("RUST_LOG", "warn")
            .env("CLIENT_SECRET", "of a measurement, and of nothing else")
            .env_remove("OTEL_SDK_DISABLED")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().expect("it ended before it listened");
        let line = line.unwrap();
        let (_, url) = line.split_once("listens on ").unwrap();
        Self {
            process,
            url: url.to_owned(),
        }
    }

    /// The processor time that it has used so far. Unlike rates, it hardly
    /// depends on who else is busy.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = format!("/proc/{}/stat", self.process.id());
        let text = fs::read_to_string(stat).unwrap_or_default();
        // Behind the name: state, parent, and numbers from there on.
        let fields = text.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let ticks = fields.split(' ').skip(11).take(2);
        let ticks = ticks.filter_map(|it| it.parse::<u64>().ok()).sum::<u64>();
        // A tick is a hundredth of a second on every Linux of today.
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether the BFF can have a core to itself.
pub(crate) fn two_cores() -> bool {
    let cores = fs::read_to_string("/sys/devices/system/cpu/online");
    let is_one = cores.is_ok_and(|cores| cores.trim() == "0");
    let taskset = Command::new("taskset").arg("--version").output();
    !is_one && taskset.is_ok_and(|output| output.status.success())
}

/// Leaves the first core to the BFF.
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

/// A sentence on where the programs ran.
pub(crate) fn about() -> &'static str {
    match two_cores() {
        true => {
            "The BFF has a core to itself; the backends and the clients \
             share the other."
        }
        false => "All programs share the cores.",
    }
}
