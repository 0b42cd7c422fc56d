use super::none_seen;
use crate::{Book, Fault};

/// What a test may wait for in vain: a limit so long that no machine is so
/// slow, and only a fault meets it.
const SAFETY_NETS: [&str; 2] = ["DEADLINE", "PATIENCE"];

const WHAT: &str = "a busy machine fails this: assert what happened and in \
    which order, and not that it took less than some time";

/// No test asserts that something was fast.
pub fn clocks(book: &Book) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = 0;
    for file in &book.listings {
        if file.extension() != "rs" {
            continue;
        }
        let measured = measured(&file.text);
        for (at, _) in file.text.match_indices("assert!(") {
            seen += 1;
            let assertion = &file.text[at + "assert!(".len()..];
            let assertion = assertion.split(';').next().unwrap_or_default();
            if limits(assertion, &measured) {
                let line = file.text[..at].lines().count().max(1);
                faults.push(file.fault(line, WHAT));
            }
        }
    }
    faults.extend(none_seen(seen, "assertions"));
    faults
}

/// The names of what a clock has measured: `let took = start.elapsed();`
fn measured(text: &str) -> Vec<&str> {
    let values = text.split("let ").skip(1);
    let values = values.filter_map(|rest| rest.split(';').next());
    let values = values.filter_map(|rest| rest.split_once(" = "));
    values
        .filter(|(_, value)| value.ends_with(".elapsed()"))
        .map(|(name, _)| name)
        .collect()
}

/// Whether this has to be true within a time that is no safety net.
fn limits(assertion: &str, measured: &[&str]) -> bool {
    let mut sides = assertion.split('<').map(str::trim);
    let mut left = sides.next().unwrap_or_default();
    sides.any(|right| {
        let name = left.rsplit(|c: char| !(c.is_alphanumeric() || c == '_'));
        let name = name.take(1).last().unwrap_or_default();
        let is_time = left.ends_with(".elapsed()") || measured.contains(&name);
        left = right;
        let limit = right.trim_start_matches('=').split([',', ')']).next();
        is_time && !SAFETY_NETS.contains(&limit.unwrap_or_default().trim())
    })
}
