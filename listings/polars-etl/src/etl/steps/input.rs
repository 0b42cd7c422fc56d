//! The files that a run reads.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use polars::prelude::{
    DataFrame, LazyCsvReader, LazyFileListReader as _, LazyFrame, PolarsResult,
    ScanArgsParquet, Schema,
};
use sha2::{Digest as _, Sha256};

use super::{lookups::read_products, place};
use crate::{
    dataset::Dataset,
    etl::{EtlError, files::failed, quality::MOST_ORDERS},
    valve::Valve,
};

/// Changes whenever the stages do, so that nothing of an older version is
/// taken for done.
const VERSION: &str = "2";

/// The columns of `orders.csv`.
pub(super) const ORDERS: [&str; 7] = [
    "order_id",
    "customer_id",
    "product_id",
    "quantity",
    "price",
    "day",
    "coupon",
];

/// The files that a run reads.
pub(in crate::etl) struct Input {
    pub(in crate::etl) orders: PathBuf,
    pub(super) customers: PathBuf,
    pub(super) products: PathBuf,
    /// What is used of the products.
    pub(super) table: DataFrame,
    /// The same for the same content.
    pub(in crate::etl) run: String,
    /// Lines of `orders.csv` below its head.
    pub(in crate::etl) lines: u64,
    pub(super) valve: Valve,
}

impl Input {
    /// Finds the files, and looks at their columns before anything is done.
    pub(in crate::etl) fn check(
        folder: &Path,
        valve: Valve,
    ) -> Result<Self, EtlError> {
        let products = folder.join("products.parquet");
        let mut input = Self {
            orders: folder.join("orders.csv"),
            customers: folder.join("customers.csv"),
            table: read_products(&products)?,
            products,
            run: String::new(),
            lines: 0,
            valve,
        };
        if !head(&input.orders)? {
            return Err(EtlError::Input {
                path: input.orders,
                expected: format!("its first line is {}", ORDERS.join(",")),
            });
        }
        drop(input.customers()?);
        input.fingerprint()?;
        let most = MOST_ORDERS.cast_unsigned();
        match (1..=most).contains(&input.lines) {
            true => Ok(input),
            false => Err(EtlError::Input {
                path: input.orders,
                expected: format!("it has from 1 to {most} orders"),
            }),
        }
    }

    /// Fewer orders were read than there are lines, or more.
    pub(in crate::etl) fn swallowed(&self, read: u64) -> EtlError {
        EtlError::Input {
            path: self.orders.clone(),
            expected: format!(
                "each line is an order; in its {} lines are {read} orders, so \
                 there is one with a line end in quotation marks",
                self.lines
            ),
        }
    }
}

/// Whether a file begins with the columns of orders, after a byte order mark
/// or without.
fn head(path: &Path) -> Result<bool, EtlError> {
    let file = File::open(path).map_err(failed(path))?;
    let mut head = String::new();
    // A file without a line end is not read into memory.
    let mut start = BufReader::new(file.take(4_096));
    let read = start.read_line(&mut head);
    let head = head.trim_start_matches('\u{feff}').trim_end();
    Ok(read.is_ok() && head == ORDERS.join(","))
}

// ANCHOR: fingerprint
impl Input {
    /// Names the run: the same for the same content. All bytes are looked at,
    /// and so the lines are counted on the way.
    fn fingerprint(&mut self) -> Result<(), EtlError> {
        let mut digest = Sha256::new();
        digest.update(VERSION);
        for path in [&self.orders, &self.customers, &self.products] {
            let mut file = File::open(path).map_err(failed(path))?;
            let mut lines = Lines::of(&mut digest);
            let size = io::copy(&mut file, &mut lines);
            let size = size.map_err(failed(path))?;
            if *path == self.orders {
                // Its head is none of them.
                self.lines = lines.number().saturating_sub(1);
            }
            digest.update(size.to_le_bytes());
        }
        let short = digest.finalize();
        self.run = short.iter().take(8).map(|b| format!("{b:02x}")).collect();
        Ok(())
    }
}
// ANCHOR_END: fingerprint

impl Input {
    /// All rows of a Parquet file.
    pub(in crate::etl) fn parquet(
        &self,
        path: &Path,
    ) -> Result<LazyFrame, EtlError> {
        let args = ScanArgsParquet {
            glob: false,
            ..Default::default()
        };
        let scan = place(path).and_then(|it| LazyFrame::scan_parquet(it, args));
        self.readable(path, scan)
    }

    /// All rows of a CSV file.
    pub(super) fn csv(
        &self,
        path: &Path,
        schema: Option<Schema>,
    ) -> Result<LazyFrame, EtlError> {
        let scan = place(path).and_then(|it| {
            LazyCsvReader::new(it)
                .with_glob(false)
                .with_schema(schema.map(Arc::new))
                // Nothing is guessed: all is text.
                .with_infer_schema_length(Some(0))
                .finish()
        });
        self.readable(path, scan)
    }

    /// The sales of a run, as its readers will find them.
    pub(in crate::etl) fn sales(
        &self,
        run: &Path,
    ) -> Result<LazyFrame, EtlError> {
        self.readable(run, Dataset::Sales.scan(run, &Valve::default()))
    }

    /// Looks at the beginning of the file now, while its name is at hand.
    fn readable(
        &self,
        path: &Path,
        scan: PolarsResult<LazyFrame>,
    ) -> Result<LazyFrame, EtlError> {
        let scan = scan.and_then(|mut scan| {
            scan.collect_schema()?;
            Ok(self.valve.on(scan))
        });
        scan.map_err(|cause| EtlError::Read {
            path: path.to_owned(),
            cause,
        })
    }
}

/// Digests what is written to it, and counts its lines: an empty one is one,
/// as it is a row for Polars.
struct Lines<'a> {
    digest: &'a mut Sha256,
    ended: u64,
    /// Whether the last line has not ended.
    is_open: bool,
}

impl<'a> Lines<'a> {
    fn of(digest: &'a mut Sha256) -> Self {
        Self {
            digest,
            ended: 0,
            is_open: false,
        }
    }

    fn number(&self) -> u64 {
        self.ended + u64::from(self.is_open)
    }
}

impl io::Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.digest.update(bytes);
        let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.ended += ends as u64;
        self.is_open = bytes.last().is_some_and(|last| *last != b'\n');
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
