//! A CSV file of a gigabyte: all of it, and what a question needs of it.

use crate::{
    contender::{Contender, others, ours, versions},
    data,
    figures::{Effort, median, met, spread},
};

/// Bytes.
const SIZE: u64 = 1_000_000_000;

pub(crate) fn run(effort: Effort) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    let size = effort.many(SIZE);
    let mut frame = data::groups(effort.many(1_000_000));
    data::csv(&mut frame, &path, size);
    drop(frame);
    let bytes = std::fs::metadata(&path).unwrap().len();

    println!(
        "| Work | who | milliseconds | peak memory | pandas / it | of pandas' memory |"
    );
    println!("|---|---|--:|--:|--:|--:|");
    let rounds = effort.rounds().min(5);
    let mut goal = String::new();
    for (order, text) in [
        ("read", "read all of it"),
        ("groups", "filter and sum by group, streaming"),
    ] {
        // A process for each turn: its peak is that of this work.
        let mut found: Vec<(&str, Vec<f64>, Vec<f64>)> = Vec::new();
        for _ in 0..rounds {
            let start: [fn() -> Vec<Contender>; 2] =
                [|| vec![ours("Rust", "streaming")], others];
            for (number, mut one) in
                start.iter().flat_map(|start| start()).enumerate()
            {
                let seconds = one.take(&format!("{order} {}", path.display()));
                if found.len() <= number {
                    found.push((one.name, Vec::new(), Vec::new()));
                }
                found[number].1.push(seconds);
                found[number].2.push(one.peak());
            }
        }
        let pandas = found.get(2).map(|it| (median(&it.1), median(&it.2)));
        for (name, seconds, peaks) in &found {
            let (time, peak) = (median(seconds), median(peaks));
            let memory = peak / 1e9;
            print!(
                "| {text} | {name} | {} | {memory:.2} GB |",
                spread(seconds)
            );
            if let Some((slower, larger)) = pandas {
                let (times, share) = (slower / time, peak / larger);
                print!(" {times:.1} × | {share:.2} |");
                if order == "groups" && *name == "Rust" {
                    goal = format!(
                        "Goals for the question: 2 times as fast ({}) at 0.30 \
                         of the memory ({}). ",
                        met(times >= 2.0),
                        met(share <= 0.3)
                    );
                }
            }
            println!();
        }
    }
    println!(
        "\n{goal}A file of {:.2} GB in the page cache, {rounds} turns, each in \
         a process of its own. {}.",
        bytes as f64 / 1e9,
        versions()
    );
}
