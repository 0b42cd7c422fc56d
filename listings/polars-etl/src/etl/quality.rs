//! What may be wrong with an order, and how much of it is too much.

use std::collections::BTreeMap;

use opentelemetry::KeyValue;
use polars::prelude::{AnyValue, LazyFrame, PolarsResult, col, len};

use super::{
    EtlError, Place, Stages, balance::Totals, note, stage::Stage, steps,
    steps::Input,
};
use crate::observed::count;

// ANCHOR: rules
/// The rules, in the order in which they are looked at: an order that breaks
/// several counts for the first.
pub const RULES: [&str; 8] = [
    "order_missing",
    "customer_missing",
    "product_unknown",
    "quantity_impossible",
    "price_impossible",
    "amount_too_large",
    "day_impossible",
    "order_repeated",
];
// ANCHOR_END: rules

// ANCHOR: bounds
/// The highest price of a piece, and its highest cost: 1,000,000.00.
pub const MOST_CENTS: i64 = 100_000_000;

/// The most pieces of an order.
pub const MOST_QUANTITY: i64 = 1_000_000;

/// The most that an order is worth, and that it costs: 20,000,000.00.
pub const MOST_AMOUNT: i64 = 2_000_000_000;

/// The most orders of a file.
pub const MOST_ORDERS: i64 = u32::MAX as i64;

// So no sum over orders overflows: not of pieces, and not of money.
const _: () = assert!(MOST_AMOUNT.checked_mul(MOST_ORDERS).is_some());
const _: () = assert!(MOST_CENTS.checked_mul(MOST_QUANTITY).is_some());
// ANCHOR_END: bounds

/// How many orders break which rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejected(BTreeMap<&'static str, u64>);

impl Rejected {
    /// How many break this rule.
    pub fn by(&self, rule: &str) -> u64 {
        self.0.get(rule).copied().unwrap_or_default()
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Each rule that is broken, and by how many.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(rule, number)| (*rule, *number))
    }
}

/// What came in, and what of it is good.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Orders, good and wrong.
    pub(super) orders: u64,
    pub(super) rejected: Rejected,
    /// What the good ones add up to.
    pub(super) accepted: Totals,
}

// ANCHOR: judge
/// Counts what is wrong, and sets it aside. Too much of it ends the run.
pub(super) fn judge(
    stages: &Stages<'_>,
    input: &Input,
    place: &Place,
    most: f64,
) -> Result<Judged, EtlError> {
    stages.stage("judge", |stage| {
        stage.looks_at(&place.checked);
        let checked = || input.parquet(&place.checked);
        let judged = tally(stage, checked()?)?;
        let Judged {
            orders, rejected, ..
        } = &judged;
        for (rule, number) in rejected.iter() {
            let rule = KeyValue::new("etl.quality.rule", rule);
            stages.violations(number, rule);
        }
        let wrong = rejected.total();
        note(KeyValue::new("etl.rows_rejected", count(wrong)));
        if !place.quarantine.exists() && wrong > 0 {
            let wrong = steps::quarantined(checked()?);
            stage.write_csv(wrong, &place.quarantine)?;
        }
        let share = wrong as f64 / (*orders as f64).max(1.0);
        if share > most || wrong == *orders {
            return Err(EtlError::Quality {
                orders: *orders,
                rejected: rejected.clone(),
                most,
                quarantine: place.quarantine.clone(),
            });
        }
        Ok(judged)
    })
}
// ANCHOR_END: judge

/// How many orders there are, how many break which rule, and what the rest
/// adds up to: one pass for all of it.
fn tally(stage: &Stage<'_>, checked: LazyFrame) -> Result<Judged, EtlError> {
    let counts = checked.group_by([col("rule")]).agg([
        len().alias("orders"),
        col("quantity").sum().alias("units"),
        steps::revenue().sum().alias("revenue_cents"),
    ]);
    let counts = stage.query(counts)?.frame;
    let mut judged = Judged::default();
    for row in 0..counts.height() {
        let row = counts.get_row(row);
        let read = row.and_then(|row| judged.add(&row.0));
        read.map_err(|cause| stage.failed(cause))?;
    }
    Ok(judged)
}

impl Judged {
    /// Adds the orders that break the same rule, or none.
    fn add(&mut self, row: &[AnyValue<'_>]) -> PolarsResult<()> {
        let orders: u64 = row[1].try_extract()?;
        self.orders += orders;
        match row[0].get_str() {
            None => self.accepted = Totals::of(&row[1..])?,
            Some(rule) => {
                let rule = RULES.into_iter().find(|known| *known == rule);
                let rule = rule.unwrap_or("unknown");
                *self.rejected.0.entry(rule).or_default() += orders;
            }
        }
        Ok(())
    }
}
