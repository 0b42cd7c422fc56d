//! Tables in which orders are looked up. Each is right as a whole, or refused:
//! a key that is there twice would have its orders counted twice.

use std::{fs::File, panic::catch_unwind, path::Path};

use polars::prelude::{
    AnyValue, ArrowDataType, ClosedInterval, DataFrame, DataType, Expr,
    IntoLazy as _, LazyFrame, NULL, ParquetReader, PolarsError, SerReader as _,
    col, len, lit, when,
};

use super::{Input, cents};
use crate::etl::{EtlError, files::failed, quality::MOST_CENTS, stage::Stage};

/// The columns that are used of `customers.csv`.
const CUSTOMERS: [&str; 2] = ["customer_id", "country"];

/// The columns that are used of `products.parquet`, and what is in them.
const PRODUCTS: [(&str, Kind); 3] = [
    ("product_id", Kind::Key),
    ("category", Kind::Text),
    ("cost", Kind::Money),
];

#[derive(Clone, Copy)]
enum Kind {
    Key,
    Text,
    Money,
}

impl Kind {
    fn takes(self, found: &ArrowDataType) -> bool {
        use ArrowDataType as Is;
        let is_whole =
            matches!(found, Is::Int32 | Is::Int64 | Is::UInt32 | Is::UInt64);
        match self {
            Self::Key => is_whole,
            Self::Text => {
                matches!(found, Is::Utf8 | Is::LargeUtf8 | Is::Utf8View)
            }
            Self::Money => {
                is_whole || matches!(found, Is::Float32 | Is::Float64)
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Key => "whole numbers of 32 or 64 bits",
            Self::Text => "texts",
            Self::Money => "numbers of 32 or 64 bits",
        }
    }
}

fn wrong<T>(path: &Path, expected: String) -> Result<T, EtlError> {
    let path = path.to_owned();
    Err(EtlError::Input { path, expected })
}

fn unread(path: &Path) -> impl Fn(PolarsError) -> EtlError + use<> {
    let path = path.to_owned();
    move |cause| EtlError::Read {
        path: path.clone(),
        cause,
    }
}

// ANCHOR: read-products
/// Reads what is used of the products. A scan would look at the types of all
/// columns, and Polars panics at a type that it was built without, as decimals
/// are here, even if nobody asks for that column.
fn read(path: &Path) -> Result<DataFrame, EtlError> {
    let file = File::open(path).map_err(failed(path))?;
    let mut reader = ParquetReader::new(file);
    let schema = reader.schema().map_err(unread(path))?;
    for (name, kind) in PRODUCTS {
        let expected = format!("it has the column {name}, of {}", kind.name());
        match schema.get(name).map(|field| field.dtype()) {
            None => return wrong(path, expected),
            Some(found) if !kind.takes(found) => {
                return wrong(path, format!("{expected}, not of {found:?}"));
            }
            Some(_) => {}
        }
    }
    let names = PRODUCTS.map(|(name, _)| name.to_owned()).into();
    let read = reader.with_columns(Some(names)).finish();
    read.map_err(unread(path))
}

/// The same of a file that may be damaged: there are bytes at which the reader
/// panics, and a run that is told which file it is can say so.
pub(super) fn read_products(path: &Path) -> Result<DataFrame, EtlError> {
    let damaged = |_| wrong(path, "it is not damaged".to_owned());
    catch_unwind(|| read(path)).unwrap_or_else(damaged)
}
// ANCHOR_END: read-products

impl Input {
    /// The products, with their cost as a whole number.
    pub(super) fn products(&self) -> LazyFrame {
        let table = self.valve.on(self.table.clone().lazy());
        table.select([
            col("product_id").cast(DataType::Int64),
            col("product_id").cast(DataType::String).alias("text"),
            col("category"),
            cents(col("cost").cast(DataType::Float64)).alias("cost_cents"),
        ])
    }

    /// The customers. All is text in a CSV file; a key that is none is null.
    pub(super) fn customers(&self) -> Result<LazyFrame, EtlError> {
        let path = &self.customers;
        let mut table = self.csv(path, None)?;
        let schema = table.collect_schema().map_err(unread(path))?;
        for name in CUSTOMERS {
            // Polars gives a second column of a name another one.
            let again = format!("{name}_duplicated_0");
            if !schema.contains(name) || schema.contains(&again) {
                return wrong(path, format!("it has the column {name} once"));
            }
        }
        let (id, country) = (col("customer_id"), col("country"));
        // An empty line is nobody.
        let is_any = id.clone().is_not_null().or(country.clone().is_not_null());
        let text = id.clone().alias("text");
        let id = id.cast(DataType::Int64);
        Ok(table.filter(is_any).select([id, text, country]))
    }
}

impl Input {
    /// Refuses tables in which an order finds two rows, or none that makes
    /// sense.
    pub(in crate::etl) fn check_lookups(
        &self,
        stage: &Stage<'_>,
    ) -> Result<(), EtlError> {
        let customers = self.customers()?;
        check(stage, &self.customers, "customer_id", customers, lit(true))?;
        let (least, most) = (lit(0), lit(MOST_CENTS));
        let is_cost =
            col("cost_cents").is_between(least, most, ClosedInterval::Both);
        let is_cost = is_cost.fill_null(lit(false));
        check(
            stage,
            &self.products,
            "product_id",
            self.products(),
            is_cost,
        )
    }
}

// ANCHOR: check
/// One query finds all keys that break a rule. The first rule is told.
fn check(
    stage: &Stage<'_>,
    path: &Path,
    key: &str,
    table: LazyFrame,
    is_right: Expr,
) -> Result<(), EtlError> {
    stage.looks_at(path);
    let keys = table.group_by([col(key)]).agg([
        len().alias("rows"),
        col("text").min(),
        is_right.all(true).alias("is_right"),
    ]);
    let broken = when(col(key).is_null())
        .then(lit(0))
        .when(col("rows").gt(lit(1)))
        .then(lit(1))
        .when(col("is_right").not())
        .then(lit(2))
        .otherwise(lit(NULL));
    let exceptions = keys
        .with_column(broken.alias("rule"))
        .filter(col("rule").is_not_null())
        .group_by([col("rule")])
        .agg([len().alias("keys"), col("rows").sum(), col("text").min()])
        .sort(["rule"], Default::default());
    let exceptions = stage.query(exceptions)?.frame;
    if exceptions.height() == 0 {
        return Ok(());
    }
    let first = exceptions.get_row(0).map_err(|it| stage.failed(it))?;
    wrong(path, exception(key, &first.0))
}
// ANCHOR_END: check

/// Which rule the keys break, how many they are, and one of them.
fn exception(key: &str, found: &[AnyValue<'_>]) -> String {
    let rule = match found[0].try_extract() {
        Ok(0) => format!("each {key} is a whole number of 64 bits"),
        Ok(1) => format!("each {key} is there once"),
        _ => format!("the cost of each {key} is from 0 to 1,000,000.00"),
    };
    let (keys, rows) = (&found[1], &found[2]);
    let example = found[3].get_str().unwrap_or_default();
    format!("{rule}; exceptions: {keys}, in {rows} rows, such as {example:?}")
}
