//! What is read from disk, in a process in which nothing else reads.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs::{self, File},
    path::Path,
};

use polars::prelude::{
    Column, DataFrame, LazyFrame, NamedFrom as _, ParquetWriter, PlRefPath,
    ScanArgsParquet, Series, col,
};
use polars_etl::engine::{self, Engine};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;
use rustix::fs::{Advice, fadvise};

const ROWS: usize = 1_000_000;

const COLUMNS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// Eight columns of numbers that no packing makes smaller.
fn numbers(path: &Path) -> u64 {
    let mut chance = Pcg64::seed_from_u64(1);
    let columns = COLUMNS.map(|name| {
        let values: Vec<i64> = (0..ROWS).map(|_| chance.random()).collect();
        Column::from(Series::new(name.into(), values))
    });
    let mut frame = DataFrame::new(ROWS, columns.into()).unwrap();
    let mut file = File::create(path).unwrap();
    // Each column in one piece.
    let writer = ParquetWriter::new(&mut file).with_row_group_size(Some(ROWS));
    writer.finish(&mut frame).unwrap();
    // What is not on disk yet cannot be dropped from memory.
    file.sync_all().unwrap();
    file.metadata().unwrap().len()
}

/// Bytes that this process has had fetched from a disk, by proc(5).
fn fetched() -> u64 {
    let counts = fs::read_to_string("/proc/self/io").unwrap();
    let count = counts
        .lines()
        .find_map(|it| it.strip_prefix("read_bytes: "));
    count.unwrap().parse().unwrap()
}

/// Bytes fetched by `read`, with nothing of the file in memory before.
fn fetched_by(path: &Path, read: impl FnOnce()) -> u64 {
    fadvise(File::open(path).unwrap(), 0, None, Advice::DontNeed).unwrap();
    let before = fetched();
    read();
    fetched() - before
}

fn maxima(path: &Path, columns: &[&str]) {
    let place = PlRefPath::try_from_path(path).unwrap();
    let rows = LazyFrame::scan_parquet(place, ScanArgsParquet::default());
    let most: Vec<_> = columns.iter().map(|name| col(*name).max()).collect();
    let query = rows.unwrap().select(most);
    let planned = engine::plan(query, Engine::Streaming).unwrap();
    planned.run().unwrap();
}

// ANCHOR: projected
#[test]
fn columns_that_nobody_asks_for_are_not_read() {
    // Not in /tmp, which may be a disk of memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("numbers.parquet");
    let size = numbers(&path);
    let plain = fetched_by(&path, || drop(fs::read(&path).unwrap()));
    if plain == 0 {
        return eprintln!("nothing can be said: reads are not counted here");
    }
    let all = fetched_by(&path, || maxima(&path, &COLUMNS));
    assert!(all > size / 10 * 9, "the disk says {all} bytes of {size}");
    let one = fetched_by(&path, || maxima(&path, &COLUMNS[..1]));
    // An eighth, and what the kernel reads ahead.
    assert!((size / 9..size / 2).contains(&one), "{one} of {size}");
}
// ANCHOR_END: projected
