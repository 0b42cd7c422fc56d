//! What each stage does with its rows, as queries that have not run.

mod input;
mod lookups;
mod sinks;

use std::path::Path;

use polars::prelude::{
    ClosedInterval, DataType, Expr, Field, JoinArgs, JoinType, LazyFrame, NULL,
    PlRefPath, PolarsResult, RoundMode, Schema, StrptimeOptions, col, len, lit,
    when,
};

use super::{
    EtlError,
    quality::{MOST_AMOUNT, MOST_CENTS, MOST_QUANTITY},
};
pub(super) use input::Input;
use input::ORDERS;
pub(super) use sinks::{COMPRESSION, into_csv, into_months, into_parquet};

/// The columns that an order has, good or wrong.
const CHECKED: [&str; 6] = [
    "order_id",
    "customer_id",
    "product_id",
    "day",
    "coupon",
    "rule",
];

/// The columns that get a type, and what they are called as they came.
const RAW: [(&str, &str); 6] = [
    ("order_id", "raw_order_id"),
    ("customer_id", "raw_customer_id"),
    ("product_id", "raw_product_id"),
    ("quantity", "raw_quantity"),
    ("price", "raw_price"),
    ("day", "raw_day"),
];

/// The orders as they are: everything is text, so nothing is lost here.
pub(super) fn orders(input: &Input) -> Result<LazyFrame, EtlError> {
    let text = |name: &&str| Field::new((*name).into(), DataType::String);
    let schema = Schema::from_iter(ORDERS.iter().map(text));
    input.csv(&input.orders, Some(schema))
}

// ANCHOR: typed
/// Each order twice: with types, and as it came. A text that does not fit its
/// type is null there.
fn typed(orders: LazyFrame) -> LazyFrame {
    let whole = |name: &str| col(name).cast(DataType::Int64);
    let date = StrptimeOptions {
        format: Some("%Y-%m-%d".into()),
        strict: false,
        ..Default::default()
    };
    let hundred = col("price").cast(DataType::Float64) * lit(100.0);
    let price = cents(col("price").cast(DataType::Float64));
    // A price has whole cents. What a fraction of two misses is far less.
    let rest = hundred - price.clone().cast(DataType::Float64);
    let columns = [
        whole("order_id"),
        whole("customer_id"),
        whole("product_id"),
        whole("quantity"),
        price.alias("price_cents"),
        rest.alias("rest"),
        col("day").str().to_date(date),
        col("coupon"),
    ];
    let raw = RAW.map(|(name, raw)| col(name).alias(raw));
    orders.select(columns.into_iter().chain(raw).collect::<Vec<_>>())
}
// ANCHOR_END: typed

// ANCHOR: checked
/// The orders with types, and the rule that each breaks first. Those that break
/// one are there as they came, too.
pub(super) fn checked(
    orders: &Path,
    input: &Input,
) -> Result<LazyFrame, EtlError> {
    let known = input.products();
    let known = known.select([col("product_id"), col("cost_cents")]);
    let is_first = col("order_id").is_first_distinct().alias("is_first");
    let on = [col("product_id")];
    let left = JoinArgs::new(JoinType::Left);
    let keep = |name: &'static str, is: Expr| {
        when(is).then(col(name)).otherwise(lit(NULL)).alias(name)
    };
    let raw = RAW.map(|(_, raw)| keep(raw, col("rule").is_not_null()));
    // What is added up has no bounds in an order that is wrong.
    let summands = ["quantity", "price_cents"];
    let summands = summands.map(|name| keep(name, col("rule").is_null()));
    let columns = CHECKED.map(col).into_iter().chain(summands).chain(raw);
    Ok(typed(input.parquet(orders)?)
        .with_column(is_first)
        .join(known, &on, &on, left)
        .with_column(rule().alias("rule"))
        .select(columns.collect::<Vec<_>>()))
}
// ANCHOR_END: checked

// ANCHOR: rule
/// Why an order is wrong: the first rule that it breaks, or nothing.
fn rule() -> Expr {
    let within = |what: Expr, least: i64, most: i64| {
        what.is_between(lit(least), lit(most), ClosedInterval::Both)
    };
    let no = |is: Expr| is.fill_null(lit(false)).not();
    let quantity = || col("quantity");
    let is_price = within(col("price_cents"), 0, MOST_CENTS)
        .and(col("rest").gt(lit(-1e-6)).and(col("rest").lt(lit(1e-6))));
    let worth = col("price_cents") * quantity();
    let cost = col("cost_cents") * quantity();
    when(col("order_id").is_null())
        .then(lit("order_missing"))
        .when(col("customer_id").is_null())
        .then(lit("customer_missing"))
        .when(col("cost_cents").is_null())
        .then(lit("product_unknown"))
        .when(no(within(quantity(), 1, MOST_QUANTITY)))
        .then(lit("quantity_impossible"))
        .when(no(is_price))
        .then(lit("price_impossible"))
        .when(worth.gt(lit(MOST_AMOUNT)).or(cost.gt(lit(MOST_AMOUNT))))
        .then(lit("amount_too_large"))
        .when(no(within(col("day").dt().year(), 2_000, 2_099)))
        .then(lit("day_impossible"))
        .when(no(col("is_first")))
        .then(lit("order_repeated"))
        .otherwise(lit(NULL))
}
// ANCHOR_END: rule

/// The orders that break a rule, as they came.
pub(super) fn quarantined(checked: LazyFrame) -> LazyFrame {
    let raw = RAW.map(|(name, raw)| col(raw).alias(name));
    let columns = raw.into_iter().chain([col("coupon"), col("rule")]);
    checked
        .filter(col("rule").is_not_null())
        .select(columns.collect::<Vec<_>>())
}

// ANCHOR: sales
/// Sales by month, country and category.
pub(super) fn sales(
    checked: &Path,
    input: &Input,
) -> Result<LazyFrame, EtlError> {
    let countries = input.customers()?;
    let countries = countries.select([col("customer_id"), col("country")]);
    let products = input.products();
    let cost = col("cost_cents") * col("quantity");
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
            col("category").fill_null(lit("unknown")),
        ])
        .group_by([col("month"), col("country"), col("category")])
        .agg([
            len().alias("orders"),
            col("quantity").sum().alias("units"),
            revenue().sum().alias("revenue_cents"),
            (revenue() - cost).sum().alias("margin_cents"),
        ])
        .sort(["month", "country", "category"], Default::default()))
}
// ANCHOR_END: sales

/// What an order is worth. Whole numbers add up to the same in any order;
/// fractions do not.
pub(super) fn revenue() -> Expr {
    col("price_cents") * col("quantity")
}

/// An amount of money as a whole number.
fn cents(amount: Expr) -> Expr {
    let hundred = amount * lit(100.0);
    hundred
        .round(0, RoundMode::HalfToEven)
        .cast(DataType::Int64)
}

fn place(path: &Path) -> PolarsResult<PlRefPath> {
    PlRefPath::try_from_path(path)
}
