//! How much to measure, and how to say what came of it.

/// How much and how often to measure.
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
        if self.full { 9 } else { 1 }
    }

    /// So many, or a few in a short try.
    pub(crate) fn many(self, full: u64) -> u64 {
        if self.full { full } else { full / 1_000 }
    }
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value that `part` of the values do not exceed.
pub(crate) fn percentile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = (last as f64 * part).round() as usize;
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// The mean of ratios.
pub(crate) fn geometric_mean(ratios: &[f64]) -> f64 {
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (sum / ratios.len() as f64).exp()
}

/// Seconds as milliseconds: the middle one, and from the least to the most.
pub(crate) fn spread(seconds: &[f64]) -> String {
    let at = |part| percentile(seconds, part) * 1e3;
    format!("{:.1} ({:.1}–{:.1})", at(0.5), at(0.0), at(1.0))
}

/// Seconds as milliseconds, from the least to the most.
pub(crate) fn range(seconds: &[f64]) -> String {
    let at = |part| percentile(seconds, part) * 1e3;
    format!("{:.1}–{:.1}", at(0.0), at(1.0))
}

/// Whether something holds, as a table shows it.
pub(crate) fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
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
