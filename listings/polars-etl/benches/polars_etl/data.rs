//! Data that is the same each time.

use std::{fs, path::Path};

use polars::prelude::{
    CsvWriter, DataFrame, ParquetWriter, SerWriter as _, df,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// The table of the [database-like ops benchmark][ops] for groups: three
/// columns of text, three of whole numbers, and three values.
///
/// [ops]: https://duckdblabs.github.io/db-benchmark/
pub(crate) fn groups(rows: u64) -> DataFrame {
    let mut random = Pcg64Mcg::seed_from_u64(108);
    let few = 100;
    let many = (rows / 100).max(1);
    let mut numbers = |most: u64| {
        let one = |_| random.random_range(1..=most).cast_signed();
        (0..rows).map(one).collect::<Vec<i64>>()
    };
    let (id1, id2, id3) = (numbers(few), numbers(few), numbers(many));
    let text = |numbers: Vec<i64>, width: usize| {
        let name = |number: &i64| format!("id{number:0width$}");
        numbers.iter().map(name).collect::<Vec<_>>()
    };
    let mut frame = df!(
        "id1" => text(id1, 3),
        "id2" => text(id2, 3),
        "id3" => text(id3, 10),
        "id4" => numbers(few),
        "id5" => numbers(few),
        "id6" => numbers(many),
        "v1" => numbers(5),
        "v2" => numbers(15),
    )
    .unwrap();
    let fraction =
        |_| (random.random_range(0.0..100.0_f64) * 1e6).round() / 1e6;
    let v3: Vec<f64> = (0..rows).map(fraction).collect();
    let column = polars::prelude::Column::new("v3".into(), v3);
    frame.with_column(column).unwrap();
    frame
}

/// A table as Parquet.
pub(crate) fn parquet(frame: &mut DataFrame, path: &Path) {
    let file = fs::File::create(path).unwrap();
    ParquetWriter::new(file).finish(frame).unwrap();
}

/// A table as CSV, so often one after the other that it has so many bytes.
pub(crate) fn csv(frame: &mut DataFrame, path: &Path, bytes: u64) {
    let mut file = fs::File::create(path).unwrap();
    let mut has_head = true;
    while has_head || file.metadata().unwrap().len() < bytes {
        let writer = CsvWriter::new(&mut file).include_header(has_head);
        { writer }.finish(frame).unwrap();
        has_head = false;
    }
}
