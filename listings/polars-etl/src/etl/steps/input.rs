//! The files that a run reads.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use polars::prelude::LazyFrame;
use sha2::{Digest as _, Sha256};

use super::{csv, parquet};
use crate::etl::{EtlError, files::failed};

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
}

impl Input {
    /// Finds the files, and looks at their columns before anything is done.
    pub(in crate::etl) fn check(folder: &Path) -> Result<Self, EtlError> {
        let input = Self {
            orders: folder.join("orders.csv"),
            customers: folder.join("customers.csv"),
            products: folder.join("products.parquet"),
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
        has(csv(&input.customers, None)?, &input.customers, &CUSTOMERS)?;
        has(parquet(&input.products)?, &input.products, &PRODUCTS)?;
        Ok(input)
    }

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
