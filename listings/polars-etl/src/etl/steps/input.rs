//! The files that a run reads.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use polars::prelude::{
    LazyCsvReader, LazyFileListReader as _, LazyFrame, PolarsResult,
    ScanArgsParquet, Schema,
};
use sha2::{Digest as _, Sha256};

use super::place;
use crate::{
    etl::{EtlError, files::failed},
    valve::Valve,
};

/// Changes whenever the stages do, so that nothing of an older version is
/// taken for done.
const VERSION: &str = "1";

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

/// The columns that are used of `customers.csv`.
const CUSTOMERS: [&str; 2] = ["customer_id", "country"];

/// The columns that are used of `products.parquet`.
const PRODUCTS: [&str; 3] = ["product_id", "category", "cost"];

/// The files that a run reads.
pub(in crate::etl) struct Input {
    pub(in crate::etl) orders: PathBuf,
    pub(super) customers: PathBuf,
    pub(super) products: PathBuf,
    valve: Valve,
}

impl Input {
    /// Finds the files, and looks at their columns before anything is done.
    pub(in crate::etl) fn check(
        folder: &Path,
        valve: Valve,
    ) -> Result<Self, EtlError> {
        let input = Self {
            orders: folder.join("orders.csv"),
            customers: folder.join("customers.csv"),
            products: folder.join("products.parquet"),
            valve,
        };
        let file = File::open(&input.orders).map_err(failed(&input.orders))?;
        let mut head = String::new();
        // A file without a line end is not read into memory.
        let mut start = BufReader::new(file.take(4_096));
        let read = start.read_line(&mut head);
        let is_head = read.is_ok() && head.trim_end() == ORDERS.join(",");
        if !is_head {
            return Err(EtlError::Input {
                path: input.orders,
                expected: format!("its first line is {}", ORDERS.join(",")),
            });
        }
        let customers = input.csv(&input.customers, None)?;
        has(customers, &input.customers, &CUSTOMERS)?;
        let products = input.parquet(&input.products)?;
        has(products, &input.products, &PRODUCTS)?;
        Ok(input)
    }
}

// ANCHOR: fingerprint
impl Input {
    /// The same for the same content.
    pub(in crate::etl) fn fingerprint(&self) -> Result<String, EtlError> {
        let mut digest = Sha256::new();
        digest.update(VERSION);
        for path in [&self.orders, &self.customers, &self.products] {
            let mut file = File::open(path).map_err(failed(path))?;
            let size = io::copy(&mut file, &mut Digesting(&mut digest));
            let size = size.map_err(failed(path))?;
            digest.update(size.to_le_bytes());
        }
        let short = digest.finalize();
        Ok(short.iter().take(8).map(|b| format!("{b:02x}")).collect())
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
                .finish()
        });
        self.readable(path, scan)
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

fn has(
    mut table: LazyFrame,
    path: &Path,
    columns: &[&str],
) -> Result<(), EtlError> {
    let schema = table.collect_schema().map_err(|cause| EtlError::Read {
        path: path.to_owned(),
        cause,
    })?;
    match columns.iter().all(|column| schema.contains(column)) {
        true => Ok(()),
        false => Err(EtlError::Input {
            path: path.to_owned(),
            expected: format!("it has the columns {}", columns.join(", ")),
        }),
    }
}

struct Digesting<'a>(&'a mut Sha256);

impl io::Write for Digesting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
