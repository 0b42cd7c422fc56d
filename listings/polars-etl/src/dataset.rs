//! What one can ask about: results of the pipeline, column by column.

use std::path::Path;

use polars::prelude::{
    HiveOptions, LazyFrame, PlRefPath, PolarsResult, ScanArgsParquet, col,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::valve::Valve;

/// Rows that questions can be about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Dataset {
    /// Every order that breaks no rule, a row each.
    Orders,
    /// Sales by month, country and category.
    Sales,
}

/// A column that questions may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Column {
    /// How it is called.
    pub name: &'static str,
    /// What is in it.
    pub kind: Kind,
}

/// What is in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers that count or measure something.
    Integer,
    /// Whole numbers that name something: nobody adds them up.
    Key,
}

const fn text(name: &'static str) -> Column {
    let kind = Kind::Text;
    Column { name, kind }
}

const fn integer(name: &'static str) -> Column {
    let kind = Kind::Integer;
    Column { name, kind }
}

const fn key(name: &'static str) -> Column {
    let kind = Kind::Key;
    Column { name, kind }
}

// ANCHOR: datasets
/// Who ordered is not among them: an API has no need to know.
static ORDERS: [Column; 5] = [
    text("month"),
    text("coupon"),
    key("product_id"),
    integer("quantity"),
    integer("price_cents"),
];

static SALES: [Column; 7] = [
    text("month"),
    text("country"),
    text("category"),
    integer("orders"),
    integer("units"),
    integer("revenue_cents"),
    integer("margin_cents"),
];
// ANCHOR_END: datasets

impl Dataset {
    /// All that there are.
    pub const ALL: [Self; 2] = [Self::Orders, Self::Sales];

    /// How it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Sales => "sales",
        }
    }

    /// The columns that questions may name, and no others.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Orders => &ORDERS,
            Self::Sales => &SALES,
        }
    }
}

// ANCHOR: scan
impl Dataset {
    /// The rows that a run of the pipeline has left in `folder`, for as long
    /// as `valve` is open.
    ///
    /// # Errors
    /// When there are none.
    pub fn scan(self, folder: &Path, valve: &Valve) -> PolarsResult<LazyFrame> {
        Ok(match self {
            Self::Orders => {
                let rows = parquet(&folder.join("checked.parquet"), false)?;
                let month = col("day").dt().to_string("%Y-%m").alias("month");
                valve.on(rows).filter(col("rule").is_null()).select([
                    month,
                    col("coupon"),
                    col("product_id"),
                    col("quantity"),
                    col("price_cents"),
                ])
            }
            Self::Sales => valve.on(parquet(&folder.join("sales"), true)?),
        })
    }
}
// ANCHOR_END: scan

fn parquet(path: &Path, is_by_month: bool) -> PolarsResult<LazyFrame> {
    let args = ScanArgsParquet {
        glob: is_by_month,
        hive_options: HiveOptions {
            enabled: Some(is_by_month),
            try_parse_dates: false,
            ..Default::default()
        },
        ..Default::default()
    };
    LazyFrame::scan_parquet(PlRefPath::try_from_path(path)?, args)
}
