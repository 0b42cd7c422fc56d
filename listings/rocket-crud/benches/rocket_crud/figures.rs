//! How much to measure, and how to say what came of it.

use std::time::Duration;

/// How long and how often to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    full: bool,
}

impl Effort {
    /// All of it for `cargo bench`, which passes `--bench`; otherwise a short
    /// try, whose figures mean nothing.
    pub(crate) fn from_args() -> Self {
        let full = std::env::args().any(|argument| argument == "--bench");
        Self { full }
    }

    /// How often each contender has its turn.
    pub(crate) fn rounds(self) -> usize {
        if self.full { 7 } else { 1 }
    }

    /// So many requests, or a few in a short try.
    pub(crate) fn requests(self, full: usize) -> usize {
        if self.full { full } else { 50 }
    }

    /// Whether the figures mean something.
    pub(crate) fn is_full(self) -> bool {
        self.full
    }

    /// So many seconds, or a fraction of one in a short try.
    pub(crate) fn seconds(self, full: f64) -> Duration {
        Duration::from_secs_f64(if self.full { full } else { 0.3 })
    }
}

/// The value that `part` of the sorted `values` do not exceed.
pub(crate) fn percentile(values: &[Duration], part: f64) -> Duration {
    let last = values.len().saturating_sub(1);
    let at = (last as f64 * part).round() as usize;
    values.get(at).copied().unwrap_or_default()
}

/// The middle one.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How much more `value` is than `base`, in percent.
pub(crate) fn more(value: f64, base: f64) -> f64 {
    100.0 * (value / base - 1.0)
}

/// Whether a goal is met, as a table shows it.
pub(crate) fn verdict(percent: f64, most: f64) -> String {
    let word = if percent <= most { "met" } else { "missed" };
    format!("{most:.0} %: {word}")
}

/// A whole number with a comma before each three digits.
pub(crate) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
