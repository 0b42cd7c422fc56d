//! A CSV file of a gigabyte: all of it, and what a question needs of it.

use crate::{
    contender::{Contender, others, ours, versions},
    data,
    figures::{Effort, median, met, spread},
};

/// Bytes.
const SIZE: u64 = 1_000_000_000;

/// What one of them needed.
struct Turns {
    name: &'static str,
    seconds: Vec<f64>,
    resident: Vec<f64>,
    anonymous: Vec<f64>,
}

pub(crate) fn run(effort: Effort) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    let mut frame = data::groups(effort.many(1_000_000));
    data::csv(&mut frame, &path, effort.many(SIZE));
    drop(frame);
    let bytes = std::fs::metadata(&path).unwrap().len();

    println!("| Work | who | milliseconds | resident | not a file |");
    println!("|---|---|--:|--:|--:|");
    let rounds = effort.rounds().min(5);
    let mut goal = String::new();
    for (order, text) in [
        ("read", "read all of it"),
        ("groups", "filter and sum by group"),
    ] {
        let found = turns(rounds, &format!("{order} {}", path.display()));
        for turns in &found {
            println!(
                "| {text} | {} | {} | {:.2} GB | {:.2} GB |",
                turns.name,
                spread(&turns.seconds),
                median(&turns.resident) / 1e9,
                median(&turns.anonymous) / 1e9
            );
        }
        if let [ours, _, pandas] = &found[..] {
            goal = compared(ours, pandas);
        }
    }
    println!(
        "\n{goal}A file of {:.2} GB in the page cache, {rounds} turns, each in \
         a process of its own. {}.",
        bytes as f64 / 1e9,
        versions()
    );
}

/// A process for each turn: its peak is that of this work.
fn turns(rounds: usize, order: &str) -> Vec<Turns> {
    let mut found: Vec<Turns> = Vec::new();
    let start: [fn() -> Vec<Contender>; 2] =
        [|| vec![ours("Rust", "streaming")], others];
    for _ in 0..rounds {
        let all = start.iter().flat_map(|start| start());
        for (number, mut one) in all.enumerate() {
            if found.len() <= number {
                found.push(Turns {
                    name: one.name,
                    seconds: Vec::new(),
                    resident: Vec::new(),
                    anonymous: Vec::new(),
                });
            }
            let (seconds, peaks) = one.watched(order);
            found[number].seconds.push(seconds);
            found[number].resident.push(peaks.resident);
            found[number].anonymous.push(peaks.anonymous);
        }
    }
    found
}

/// What was hoped for of the question.
fn compared(ours: &Turns, pandas: &Turns) -> String {
    let times = median(&pandas.seconds) / median(&ours.seconds);
    let resident = median(&ours.resident) / median(&pandas.resident);
    let share = median(&ours.anonymous) / median(&pandas.anonymous);
    format!(
        "The question: {times:.1} times as fast as pandas (goal: 2, {}), with \
         {resident:.2} of its resident memory and {share:.2} of what is not a \
         file (goal: 0.30, {}). ",
        met(times >= 2.0),
        met(share <= 0.3)
    )
}
