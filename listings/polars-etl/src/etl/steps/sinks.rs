//! Where the rows of a query go.

use std::{path::Path, sync::Arc};

use polars::{
    io::utils::sync_on_close::SyncOnCloseType,
    prelude::{
        CsvWriterOptions, FileWriteFormat, IdxSize, LazyFrame,
        ParquetCompression, ParquetWriteOptions, PartitionStrategy,
        PolarsResult, SinkDestination, SinkTarget, UnifiedSinkArgs, col,
    },
};

use super::place;

// ANCHOR: safely
/// How Parquet is packed.
pub(in crate::etl) const COMPRESSION: &str = "zstd";

fn parquet() -> FileWriteFormat {
    FileWriteFormat::Parquet(Arc::new(ParquetWriteOptions {
        compression: ParquetCompression::Zstd(None),
        ..Default::default()
    }))
}

/// Writes into a file, and forces it to disk.
fn safely() -> UnifiedSinkArgs {
    UnifiedSinkArgs {
        mkdir: true,
        sync_on_close: SyncOnCloseType::All,
        ..Default::default()
    }
}
// ANCHOR_END: safely

pub(in crate::etl) fn into_parquet(
    query: LazyFrame,
    path: &Path,
) -> PolarsResult<LazyFrame> {
    into_file(query, path, parquet())
}

pub(in crate::etl) fn into_csv(
    query: LazyFrame,
    path: &Path,
) -> PolarsResult<LazyFrame> {
    let options = CsvWriterOptions::default();
    into_file(query, path, FileWriteFormat::Csv(options))
}

fn into_file(
    query: LazyFrame,
    path: &Path,
    format: FileWriteFormat,
) -> PolarsResult<LazyFrame> {
    let file = SinkDestination::File {
        target: SinkTarget::Path(place(path)?),
    };
    query.sink(file, format, safely())
}

// ANCHOR: into-months
/// A folder for each month, as Hive names them: `month=2026-01`.
pub(in crate::etl) fn into_months(
    query: LazyFrame,
    folder: &Path,
) -> PolarsResult<LazyFrame> {
    let months = SinkDestination::Partitioned {
        base_path: place(folder)?,
        file_path_provider: None,
        partition_strategy: PartitionStrategy::Keyed {
            keys: vec![col("month")],
            include_keys: true,
            keys_pre_grouped: false,
        },
        max_rows_per_file: IdxSize::MAX,
        approximate_bytes_per_file: u64::MAX,
    };
    query.sink(months, parquet(), safely())
}
// ANCHOR_END: into-months
