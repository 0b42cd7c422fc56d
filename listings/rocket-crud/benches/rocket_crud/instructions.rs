//! Instructions for each request, counted by callgrind. Whoever else is busy,
//! the number is the same to a hundredth: what is left is how the allocator
//! happens to tidy up.

use std::{fs, path::Path, process::Command};

use crate::{
    client::Client,
    figures::{Effort, median, more, verdict, whole},
    server::{Mode, Server},
    sink,
};

/// An identifier that is one.
const PATH: &str = "/users/01a21800-0000-7000-8000-000000000000";

const fn mode(
    name: &'static str,
    tracing: &'static str,
    ratio: &'static str,
    metrics: bool,
) -> Mode {
    Mode {
        metrics,
        ..Mode::new(name, tracing, ratio)
    }
}

/// Each with the most that it may cost, in percent, if there is such a goal.
const MODES: [(Mode, Option<f64>); 9] = [
    (mode("no tracing", "off", "0", false), None),
    (mode("1 %", "fairing", "0.01", false), Some(8.0)),
    (mode("1 %, metrics", "fairing", "0.01", true), None),
    (mode("10 %", "fairing", "0.1", false), None),
    (mode("10 %, metrics", "fairing", "0.1", true), Some(12.0)),
    (mode("100 %", "fairing", "1", false), None),
    (mode("100 %, metrics", "fairing", "1", true), None),
    (mode("as in tutorials, 10 %", "naive", "0.1", false), None),
    (mode("as in tutorials, 100 %", "naive", "1", false), None),
];

pub(crate) fn run(effort: Effort) {
    let valgrind = Command::new("valgrind").arg("--version").output();
    if !valgrind.is_ok_and(|output| output.status.success()) {
        assert!(!effort.is_full(), "valgrind is missing: install it");
        return;
    }
    let sink = sink::start();
    let (few, many) = (effort.requests(500), effort.requests(2_500) * 2);
    let mut counts = MODES.map(|_| Vec::new());
    for _ in 0..effort.rounds() {
        for ((mode, _), counts) in MODES.iter().zip(&mut counts) {
            let counted = |requests| count(mode, &sink, requests) as f64;
            let each = (counted(many) - counted(few)) / (many - few) as f64;
            counts.push(each);
        }
    }
    print(&counts);
    println!(
        "\nA handler that does nothing, behind hyper and Rocket, on one \
         connection. The instructions of the whole process, its exporting \
         thread among them, for {many} requests less those for {few}, by \
         callgrind. Medians of {} interleaved turns.",
        effort.rounds(),
    );
}

fn print(counts: &[Vec<f64>; MODES.len()]) {
    println!(
        "| Sampled | instructions a request | lowest | highest | more | at \
         most |"
    );
    println!("|---|--:|--:|--:|--:|---|");
    let base = median(counts[0].iter().copied());
    for ((mode, most), counts) in MODES.iter().zip(counts) {
        let each = median(counts.iter().copied());
        let percent = more(each, base);
        println!(
            "| {} | {} | {} | {} | {percent:.1} % | {} |",
            mode.name,
            whole(each),
            whole(counts.iter().copied().fold(f64::INFINITY, f64::min)),
            whole(counts.iter().copied().fold(0.0, f64::max)),
            most.map_or_else(String::new, |most| verdict(percent, most)),
        );
    }
}

/// All instructions of a server that answers so many requests.
fn count(mode: &Mode, sink: &str, requests: usize) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callgrind.out");
    let out = format!("--callgrind-out-file={}", file.display());
    // Under callgrind a second holds few requests, so what is sent each second
    // would weigh too much. Here spans are sent by the batch, as under load.
    let delay = "OTEL_BSP_SCHEDULE_DELAY=600000";
    let tool = ["env", delay, "valgrind", "--quiet", "--tool=callgrind"];
    let around = [&tool[..], &[&out]].concat();
    let server = Server::start("trivial", mode, sink, folder.path(), &around);
    let mut client = Client::connect(&server.address, PATH);
    for _ in 1..requests {
        client.ask();
    }
    drop(client);
    server.stop();
    summary(&file)
}

fn summary(file: &Path) -> u64 {
    let text = fs::read_to_string(file).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("totals: "))
        .unwrap();
    line.trim().parse().unwrap()
}
