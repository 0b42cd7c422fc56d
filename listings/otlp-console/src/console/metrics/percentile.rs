//! Percentiles from the buckets of a histogram.

use super::quantity;

/// Buckets that agree with what else the point says.
#[derive(Clone, Copy)]
pub(super) struct Buckets<'p> {
    count: f64,
    bounds: &'p [f64],
    sizes: &'p [u64],
    min: f64,
    max: f64,
}

#[derive(Debug, PartialEq)]
pub(super) enum Percentile {
    /// Interpolated within its bucket.
    About(f64),
    /// In the last bucket, which has no upper bound.
    Above(f64),
}

impl<'p> Buckets<'p> {
    /// Nothing when they do not add up to `count`, when they are not one more
    /// than the bounds, or when a bound is not above the one before.
    pub(super) fn new(
        count: u64,
        bounds: &'p [f64],
        sizes: &'p [u64],
        (min, max): (Option<f64>, Option<f64>),
    ) -> Option<Self> {
        let mut sizes_left = sizes.iter();
        let sum = sizes_left.try_fold(0, |sum: u64, n| sum.checked_add(*n));
        let ascending = bounds.is_sorted_by(|low, high| low < high);
        let readable = !bounds.iter().any(|bound| bound.is_nan());
        let fits = sizes.len() == bounds.len() + 1;
        let agree = sum == Some(count) && ascending && readable && fits;
        agree.then_some(Self {
            count: count as f64,
            bounds,
            sizes,
            // Compared as numbers, NaN would be neither below nor above.
            min: min.filter(|min| !min.is_nan()).unwrap_or(f64::NEG_INFINITY),
            max: max.filter(|max| !max.is_nan()).unwrap_or(f64::INFINITY),
        })
    }

    pub(super) fn percentiles(&self, unit: &str) -> String {
        let percents = [50, 95, 99].map(|percent| {
            let (sign, value) = match self.percentile(percent) {
                Some(Percentile::About(value)) => ('~', value),
                Some(Percentile::Above(value)) => ('>', value),
                None => return String::new(),
            };
            format!("  p{percent} {sign}{}", quantity(value, unit))
        });
        percents.concat()
    }

    /// The value below which so many of a hundred measurements lie: never
    /// outside of the smallest and the largest that were recorded.
    pub(super) fn percentile(&self, percent: u32) -> Option<Percentile> {
        let rank = self.count * f64::from(percent) / 100.0;
        let mut below = 0.0;
        for (at, size) in self.sizes.iter().enumerate() {
            let size = *size as f64;
            if size > 0.0 && below + size >= rank {
                let part = (rank - below) / size;
                return self.within(at, part);
            }
            below += size;
        }
        None
    }

    fn within(&self, at: usize, part: f64) -> Option<Percentile> {
        let upper = self.bounds.get(at).copied().unwrap_or(f64::INFINITY);
        let upper = upper.min(self.max);
        let lower = match at.checked_sub(1) {
            Some(before) => *self.bounds.get(before)?,
            None if upper.is_finite() => upper.min(0.0),
            None => f64::NEG_INFINITY,
        };
        let lower = lower.max(self.min).min(upper);
        match upper.is_finite() && lower.is_finite() {
            true => Some(Percentile::About(lower + (upper - lower) * part)),
            false if lower.is_finite() => Some(Percentile::Above(lower)),
            false => None,
        }
    }
}
