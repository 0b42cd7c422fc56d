//! What may be wrong with an order, and how much of it is too much.

use std::collections::BTreeMap;

use opentelemetry::KeyValue;
use polars::prelude::{AnyValue, LazyFrame, col, len};

use super::{EtlError, Place, Stages, note, stage::Stage, steps::Input};
use crate::observed::count;

// ANCHOR: rules
/// The rules, in the order in which they are looked at: an order that breaks
/// several counts for the first.
pub const RULES: [&str; 7] = [
    "order_missing",
    "customer_missing",
    "product_unknown",
    "quantity_not_positive",
    "price_not_a_number",
    "day_impossible",
    "order_repeated",
];
// ANCHOR_END: rules

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

// ANCHOR: judge
/// Counts what is wrong, and sets it aside. Too much of it ends the run.
pub(super) fn judge(
    stages: &Stages<'_>,
    input: &Input,
    place: &Place,
    most: f64,
) -> Result<(u64, Rejected), EtlError> {
    stages.stage("judge", |stage| {
        let checked = || input.parquet(&place.checked);
        let (orders, rejected) = tally(stage, checked()?)?;
        for (rule, number) in rejected.iter() {
            let rule = KeyValue::new("etl.quality.rule", rule);
            stages.violations(number, rule);
        }
        note(KeyValue::new("etl.rows_rejected", count(rejected.total())));
        if !place.quarantine.exists() && rejected.total() > 0 {
            let wrong = checked()?.filter(col("rule").is_not_null());
            stage.write_csv(wrong, &place.quarantine)?;
        }
        let share = rejected.total() as f64 / (orders as f64).max(1.0);
        if share > most {
            return Err(EtlError::Quality {
                orders,
                rejected,
                most,
                quarantine: place.quarantine.clone(),
            });
        }
        Ok((orders, rejected))
    })
}
// ANCHOR_END: judge

/// How many orders there are, and how many break which rule.
fn tally(
    stage: &Stage<'_>,
    checked: LazyFrame,
) -> Result<(u64, Rejected), EtlError> {
    let counts = checked.group_by([col("rule")]).agg([len().alias("orders")]);
    let counts = stage.query(counts)?.frame;
    let (mut orders, mut rejected) = (0, Rejected::default());
    for row in 0..counts.height() {
        let broken = |cause| EtlError::Engine {
            stage: "judge",
            cause,
        };
        let row = counts.get_row(row).map_err(broken)?.0;
        let number: u64 = row[1].try_extract().map_err(broken)?;
        orders += number;
        if let Some(rule) = known(&row[0]) {
            rejected.0.insert(rule, number);
        }
    }
    Ok((orders, rejected))
}

fn known(value: &AnyValue<'_>) -> Option<&'static str> {
    let text = value.get_str()?;
    RULES.into_iter().find(|rule| *rule == text)
}
