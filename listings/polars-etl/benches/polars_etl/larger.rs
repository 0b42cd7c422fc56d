//! A question about more data than the process may have memory for.

use std::{
    env,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{data, figures::Effort};

/// Bytes of the file.
const SIZE: u64 = 1_000_000_000;

/// Kibibytes that the process may allocate.
const LIMIT: u64 = 256 << 10;

pub(crate) fn run(effort: Effort) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    let mut frame = data::groups(effort.many(1_000_000));
    data::csv(&mut frame, &path, effort.many(SIZE));
    drop(frame);
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!("| Query | engine | ends with | after |");
    println!("|---|---|---|--:|");
    for (query, text) in [
        ("groups", "filter and sum by 100 numbers"),
        ("q2", "sum by 10,000 pairs of texts"),
    ] {
        for engine in ["streaming", "in-memory"] {
            let clock = Instant::now();
            let end = limited(engine, query, &path);
            let seconds = clock.elapsed().as_secs_f64();
            println!("| {text} | {engine} | {end} | {seconds:.1} s |");
        }
    }
    println!(
        "\nA CSV file of {:.2} GB, with at most {} MiB to allocate \
         (`ulimit -d`).",
        bytes as f64 / 1e9,
        LIMIT >> 10
    );
}

/// What becomes of the question, where the kernel gives no more than that.
fn limited(engine: &str, query: &str, path: &Path) -> String {
    let script = format!("ulimit -d {LIMIT} && exec \"$0\" work {engine}");
    let mut process = Command::new("sh")
        .args(["-c", &script])
        .arg(env::current_exe().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut orders = process.stdin.take().unwrap();
    writeln!(orders, "{query} {}", path.display()).unwrap();
    drop(orders);
    let ended = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    match (ended.status.success(), said.lines().nth(1)) {
        (true, Some(line)) => {
            let rows = line.split(' ').nth(1).unwrap_or_default();
            format!("{rows} groups")
        }
        _ => {
            let words = String::from_utf8_lossy(&ended.stderr);
            let first = words.lines().find(|line| line.contains("memory"));
            first.unwrap_or("no answer").trim().to_owned()
        }
    }
}
