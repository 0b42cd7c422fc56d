//! The time axis of a waterfall.

use super::{MARGIN, WIDTH};
use std::fmt::Write;

/// Where a moment lies, in units of the picture; both in nanoseconds.
pub(super) fn x(offset: u64, total: u64) -> f64 {
    let part = offset as f64 / total.max(1) as f64;
    MARGIN + part.min(1.0) * (WIDTH - 2.0 * MARGIN)
}

/// Draws a line down to `bottom` and a label for each tick.
pub(super) fn draw(picture: &mut String, total: u64, bottom: f64) {
    for tick in ticks(total) {
        let x = x(tick, total);
        let anchor = match x {
            _ if tick == 0 => "start",
            x if x > WIDTH - 60.0 => "end",
            _ => "middle",
        };
        let label = label(tick);
        // Writing to a String cannot fail.
        _ = writeln!(
            picture,
            "<path class=\"grid\" d=\"M{x:.1} 28V{bottom}\"/>\n\
             <text class=\"quiet tick\" x=\"{x:.1}\" y=\"20\" \
             text-anchor=\"{anchor}\">{label}</text>",
        );
    }
}

/// Round moments from 0 on: at most eight.
fn ticks(total: u64) -> impl Iterator<Item = u64> {
    let steps = (0..19)
        .flat_map(|zeros| [1, 2, 5].map(|digit| digit * 10_u64.pow(zeros)));
    let mut steps = steps.filter(move |step| total / step <= 7);
    let step = steps.next().unwrap_or(u64::MAX);
    (0..=total / step).map(move |nth| nth * step)
}

fn label(nanoseconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "µs"),
        (1, "ns"),
    ];
    if nanoseconds == 0 {
        return "0".to_owned();
    }
    let unit = UNITS.iter().find(|(size, _)| nanoseconds >= *size);
    let (size, unit) = unit.unwrap_or(&UNITS[3]);
    format!("{} {unit}", nanoseconds as f64 / *size as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let labels =
            |total| ticks(total).map(label).collect::<Vec<_>>().join(", ");
        assert_eq!(labels(0), "0");
        assert_eq!(labels(3), "0, 1 ns, 2 ns, 3 ns");
        assert_eq!(labels(2_400_000), "0, 500 µs, 1 ms, 1.5 ms, 2 ms");
        assert_eq!(labels(999_999), "0, 200 µs, 400 µs, 600 µs, 800 µs");
        assert_eq!(labels(5_000_000_000), "0, 1 s, 2 s, 3 s, 4 s, 5 s");
        assert!(ticks(u64::MAX).count() <= 8);
    }
}
