//! Durations for people.

/// A duration in nanoseconds with three digits and its unit: `12.4 ms`.
pub(crate) fn text(nanoseconds: u64) -> String {
    const UNITS: [(f64, &str); 3] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let nanoseconds = nanoseconds as f64;
    for (size, unit) in UNITS {
        let amount = nanoseconds / size;
        // Below 0.9995 the rounded text would not reach one.
        if amount >= 0.9995 {
            return format!("{} {unit}", three_digits(amount));
        }
    }
    format!("{nanoseconds} ns")
}

/// A number with three digits, or all of its digits before the point.
pub(crate) fn three_digits(number: f64) -> String {
    let decimals = match number.abs() {
        // Three hundred digits would say no more.
        size if size >= 1e15 && size.is_finite() => {
            return format!("{number:e}");
        }
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{number:.decimals$}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn has_three_digits_and_a_unit() {
        let cases = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (12_345, "12.3 µs"),
            (999_960, "1.00 ms"),
            (12_345_678, "12.3 ms"),
            (1_234_567_890, "1.23 s"),
            (100_000_000_000, "100 s"),
        ];
        for (nanoseconds, text) in cases {
            assert_eq!(super::text(nanoseconds), text);
        }
    }
}
