//! What comes out is what came in, less what was set aside.

use opentelemetry::KeyValue;
use polars::prelude::{AnyValue, PolarsResult, col};

use super::{EtlError, Place, Stages, note, quality::Judged, steps::Input};

/// What some orders add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many they are.
    pub orders: i64,
    /// How many pieces.
    pub units: i64,
    /// What they are worth.
    pub revenue_cents: i64,
}

impl Totals {
    /// From the three values of a row.
    pub(super) fn of(row: &[AnyValue<'_>]) -> PolarsResult<Self> {
        Ok(Self {
            orders: row[0].try_extract()?,
            units: row[1].try_extract()?,
            revenue_cents: row[2].try_extract()?,
        })
    }

    /// How much more `other` is. What a damaged file holds may be any number.
    fn until(&self, other: &Self) -> Self {
        let until = |from: i64, to: i64| to.saturating_sub(from);
        Self {
            orders: until(self.orders, other.orders),
            units: until(self.units, other.units),
            revenue_cents: until(self.revenue_cents, other.revenue_cents),
        }
    }
}

// ANCHOR: balance
/// Compares what is about to be published with what came in: the lines of the
/// file with the orders that were judged, and the good ones of these with the
/// sales as they are on disk. The attributes are differences: of a run that is
/// right, they say nothing but zero.
pub(super) fn balance(
    stages: &Stages<'_>,
    input: &Input,
    place: &Place,
    judged: &Judged,
) -> Result<(), EtlError> {
    stages.stage("balance", |stage| {
        let names = ["orders", "units", "revenue_cents"];
        stage.looks_at(&place.sales);
        let sales = input.sales(&place.folder)?;
        let sums = sales.select(names.map(|name| col(name).sum()));
        let sums = stage.query(sums)?.frame;
        let sums = sums.get_row(0).and_then(|row| Totals::of(&row.0));
        let published = sums.map_err(|cause| stage.failed(cause))?;
        let (lines, read) = (input.lines, judged.orders);
        let unread = lines.cast_signed() - read.cast_signed();
        let more = judged.accepted.until(&published);
        for (name, difference) in [
            ("etl.balance.lines", unread),
            ("etl.balance.orders", more.orders),
            ("etl.balance.units", more.units),
            ("etl.balance.revenue_cents", more.revenue_cents),
        ] {
            note(KeyValue::new(name, difference));
        }
        match more == Totals::default() {
            true if unread == 0 => Ok(()),
            true => Err(input.swallowed(read)),
            false => Err(EtlError::Balance { more }),
        }
    })
}
// ANCHOR_END: balance
