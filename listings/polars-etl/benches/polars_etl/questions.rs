//! The ten questions about groups, on a million rows.

use crate::{
    chart::{self, Bar},
    contender::{Contender, others, ours, versions},
    data,
    figures::{Effort, geometric_mean, median, met, range, whole},
};

const QUESTIONS: [(&str, &str); 10] = [
    ("q1", "sum by 100 texts"),
    ("q2", "sum by 10,000 pairs of texts"),
    ("q3", "sum and mean by 10,000 texts"),
    ("q4", "three means by 100 numbers"),
    ("q5", "three sums by 10,000 numbers"),
    ("q6", "median and deviation by 10,000 pairs"),
    ("q7", "a range by 10,000 texts"),
    ("q8", "the two largest by 10,000 numbers"),
    ("q9", "correlation by 10,000 pairs"),
    ("q10", "sum and count by six columns"),
];

pub(crate) fn run(effort: Effort) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("groups.parquet");
    let rows = effort.many(1_000_000);
    data::parquet(&mut data::groups(rows), &path);

    let mut all = vec![
        ours("Rust", "streaming"),
        ours("Rust, in memory", "in-memory"),
    ];
    all.extend(others());
    for contender in &mut all {
        contender.take(&format!("load {}", path.display()));
    }
    let mut times = vec![vec![Vec::new(); all.len()]; QUESTIONS.len()];
    // The first round warms up.
    for round in 0..=effort.rounds() {
        for (question, (order, _)) in QUESTIONS.iter().enumerate() {
            for (number, contender) in all.iter_mut().enumerate() {
                let seconds = contender.take(order);
                if round > 0 {
                    times[question][number].push(seconds);
                }
            }
            same(&all, order);
        }
    }
    print(&all, &times);
    let (rounds, versions) = (effort.rounds(), versions());
    println!(
        "Milliseconds: the medians of {rounds} turns, and below them the least \
         and the most. {} rows in memory. Both engines run through `run_observed`; \
         *Rust* is the streaming one. {versions}.",
        whole(rows as f64),
    );
}

/// Whoever is faster by another answer has won nothing.
pub(crate) fn same(all: &[Contender], order: &str) {
    let figures = |it: &Contender| -> Vec<f64> {
        let figures = it.check.split(' ').map(|it| it.parse().unwrap());
        figures.collect()
    };
    let first = figures(&all[0]);
    for contender in all {
        let close = figures(contender)
            .iter()
            .zip(&first)
            .all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs().max(1.0));
        assert!(
            close,
            "{order}: {} says {}, and {} says {}",
            contender.name, contender.check, all[0].name, all[0].check
        );
    }
}

fn print(all: &[Contender], times: &[Vec<Vec<f64>>]) {
    let names: Vec<_> = all.iter().map(|it| it.name).collect();
    let names = names.join(" | ");
    let dashes = "--:|".repeat(all.len());
    let has_others = all.len() > 2;
    if has_others {
        println!("| Question | {names} | of polars-py | pandas / Rust |");
        println!("|---|{dashes}--:|--:|");
        compare(times);
    }
    println!("| The least and the most | {names} |");
    println!("|---|{dashes}");
    for ((_, text), times) in QUESTIONS.iter().zip(times) {
        let cells: Vec<_> = times.iter().map(|it| range(it)).collect();
        println!("| {text} | {} |", cells.join(" | "));
    }
    println!();
}

/// Medians, and what they say.
fn compare(times: &[Vec<Vec<f64>>]) {
    let (mut of_python, mut of_pandas) = (Vec::new(), Vec::new());
    for ((_, text), times) in QUESTIONS.iter().zip(times) {
        let medians: Vec<_> = times.iter().map(|it| median(it)).collect();
        let (python, pandas) =
            (medians[0] / medians[2], medians[3] / medians[0]);
        let cells: Vec<_> = medians
            .iter()
            .map(|it| format!("{:.1}", it * 1e3))
            .collect();
        println!(
            "| {text} | {} | {python:.2} ({}) | {pandas:.1} × |",
            cells.join(" | "),
            met(python <= 1.1)
        );
        of_python.push(python);
        of_pandas.push(pandas);
    }
    let mean = geometric_mean(&of_pandas);
    println!(
        "\nGeometric mean: {:.2} of polars-py's time, and {mean:.2} times as \
         fast as pandas (goal: 2.2 times, {}).\n",
        geometric_mean(&of_python),
        met(mean >= 2.2)
    );
    let bars = QUESTIONS
        .iter()
        .zip(&of_pandas)
        .map(|((_, name), times)| Bar {
            name,
            value: *times,
            ours: true,
        });
    let title = "How many times as fast as pandas";
    let bars: Vec<_> = bars.collect();
    chart::keep("questions", &chart::bars(title, "times", &bars));
}
