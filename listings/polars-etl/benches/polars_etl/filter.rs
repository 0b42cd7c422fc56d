//! A filter over ten million rows, and one that is fused with a sum.

use crate::{
    contender::{others, ours, versions},
    data,
    figures::{Effort, median, met, spread, whole},
    questions::same,
};

pub(crate) fn run(effort: Effort) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let rows = effort.many(10_000_000);
    let mut frame = data::groups(rows);
    frame = frame.drop_many(["id2", "id3"]);
    data::parquet(&mut frame, &path);
    drop(frame);

    let mut all = vec![
        ours("Rust", "streaming"),
        ours("Rust, in memory", "in-memory"),
    ];
    all.extend(others());
    for contender in &mut all {
        contender.take(&format!("load {}", path.display()));
    }
    let names: Vec<_> = all.iter().map(|it| it.name).collect();
    println!("| Query | {} | pandas / Rust | goal |", names.join(" | "));
    println!("|---|{}--:|---|", "--:|".repeat(names.len()));
    for (order, text, goal) in [
        ("filter", "`v3 > 50`, all seven columns", 3.0),
        ("fused", "`v3 > 50`, and the sum of `v1`", 8.0),
    ] {
        let mut times = vec![Vec::new(); all.len()];
        for round in 0..=effort.rounds() {
            for (number, contender) in all.iter_mut().enumerate() {
                let seconds = contender.take(order);
                if round > 0 {
                    times[number].push(seconds);
                }
            }
            same(&all, order);
        }
        let cells: Vec<_> = times.iter().map(|it| spread(it)).collect();
        print!("| {text} | {} |", cells.join(" | "));
        if let Some(pandas) = times.get(3) {
            let ratio = median(pandas) / median(&times[0]);
            print!(" {ratio:.1} × | {goal:.0} ×: {} |", met(ratio >= goal));
        }
        println!();
    }
    println!(
        "\nMilliseconds: the median, and from the least to the most, of {} \
         turns. {} rows in memory. {}.",
        effort.rounds(),
        whole(rows as f64),
        versions()
    );
}
