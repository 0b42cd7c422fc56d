//! The program pgbench, and what it prints.

use std::{fs, path::PathBuf};

/// The number behind `label` in what pgbench prints.
pub(super) fn number<N: std::str::FromStr>(text: &str, label: &str) -> N {
    let (_, rest) = text.split_once(label).expect("a figure of pgbench");
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    rest[..end].parse().ok().expect("a number")
}

/// Debian keeps it out of everybody's `PATH`.
pub(super) fn pgbench() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    versions
        .flatten()
        .map(|version| version.path().join("bin/pgbench"))
        .filter(|program| program.is_file())
        .max()
        .unwrap_or_else(|| "pgbench".into())
}
