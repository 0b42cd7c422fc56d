//! What each stage does with its rows, as queries that have not run.

mod input;
mod sinks;

use std::path::Path;

use polars::prelude::{
    DataType, Expr, Field, JoinArgs, JoinType, LazyFrame, NULL, PlRefPath,
    PolarsResult, RoundMode, Schema, StrptimeOptions, col, len, lit, when,
};

use super::EtlError;
pub(super) use input::Input;
use input::ORDERS;
pub(super) use sinks::{COMPRESSION, into_csv, into_months, into_parquet};

/// The orders as they are: everything is text, so nothing is lost here.
pub(super) fn orders(input: &Input) -> Result<LazyFrame, EtlError> {
    let text = |name: &&str| Field::new((*name).into(), DataType::String);
    let schema = Schema::from_iter(ORDERS.iter().map(text));
    input.csv(&input.orders, Some(schema))
}

// ANCHOR: checked
/// The orders with types, and the rule that each breaks first.
pub(super) fn checked(
    orders: &Path,
    input: &Input,
) -> Result<LazyFrame, EtlError> {
    let known = input
        .parquet(&input.products)?
        .select([col("product_id"), lit(true).alias("is_known")]);
    let date = StrptimeOptions {
        format: Some("%Y-%m-%d".into()),
        strict: false,
        ..Default::default()
    };
    let typed = input.parquet(orders)?.with_columns([
        col("order_id").cast(DataType::Int64),
        col("customer_id").cast(DataType::Int64),
        col("product_id").cast(DataType::Int64),
        col("quantity").cast(DataType::Int64),
        col("price").cast(DataType::Float64),
        col("day").str().to_date(date),
    ]);
    let is_first = col("order_id").is_first_distinct().alias("is_first");
    let on = [col("product_id")];
    let joined = typed.with_column(is_first).join(
        known,
        &on,
        &on,
        JoinArgs::new(JoinType::Left),
    );
    let columns = ORDERS.iter().map(|name| col(*name));
    let columns = columns.chain([rule().alias("rule")]);
    Ok(joined.select(columns.collect::<Vec<_>>()))
}
// ANCHOR_END: checked

// ANCHOR: rule
/// Why an order is wrong: the first rule that it breaks, or nothing.
fn rule() -> Expr {
    let is_price = col("price").is_finite().and(col("price").gt_eq(lit(0)));
    let no = |is: Expr| is.fill_null(lit(false)).not();
    when(col("order_id").is_null())
        .then(lit("order_missing"))
        .when(col("customer_id").is_null())
        .then(lit("customer_missing"))
        .when(col("is_known").is_null())
        .then(lit("product_unknown"))
        .when(no(col("quantity").gt_eq(lit(1))))
        .then(lit("quantity_not_positive"))
        .when(no(is_price))
        .then(lit("price_not_a_number"))
        .when(col("day").is_null())
        .then(lit("day_impossible"))
        .when(no(col("is_first")))
        .then(lit("order_repeated"))
        .otherwise(lit(NULL))
}
// ANCHOR_END: rule

// ANCHOR: sales
/// Sales by month, country and category.
pub(super) fn sales(
    checked: &Path,
    input: &Input,
) -> Result<LazyFrame, EtlError> {
    let countries = input
        .csv(&input.customers, None)?
        .select([col("customer_id"), col("country")]);
    let products = input.parquet(&input.products)?;
    // Whole numbers add up to the same in any order; fractions do not.
    let revenue = cents("price") * col("quantity");
    let cost = cents("cost") * col("quantity");
    let by = |column| ([col(column)], JoinArgs::new(JoinType::Left));
    let (customer, left) = by("customer_id");
    let (product, also_left) = by("product_id");
    Ok(input
        .parquet(checked)?
        .filter(col("rule").is_null())
        .join(countries, &customer, &customer, left)
        .join(products, &product, &product, also_left)
        .with_columns([
            col("day").dt().to_string("%Y-%m").alias("month"),
            col("country").fill_null(lit("unknown")),
        ])
        .group_by([col("month"), col("country"), col("category")])
        .agg([
            len().alias("orders"),
            col("quantity").sum().alias("units"),
            revenue.clone().sum().alias("revenue_cents"),
            (revenue - cost).sum().alias("margin_cents"),
        ])
        .sort(["month", "country", "category"], Default::default()))
}
// ANCHOR_END: sales

/// An amount of money as a whole number.
pub(crate) fn cents(amount: &str) -> Expr {
    let hundred = col(amount) * lit(100.0);
    hundred
        .round(0, RoundMode::HalfToEven)
        .cast(DataType::Int64)
}

fn place(path: &Path) -> PolarsResult<PlRefPath> {
    PlRefPath::try_from_path(path)
}
