use super::none_seen;
use crate::{
    Book, Fault, Page, Source, directive::directives, source::resolve,
};

/// What makes a number a figure.
const UNITS: [&str; 16] = [
    "%",
    "GB",
    "MB",
    "MiB",
    "a second",
    "bytes",
    "instructions",
    "kB",
    "megabytes",
    "microseconds",
    "milliseconds",
    "ms",
    "ns",
    "per second",
    "times",
    "µs",
];
/// A sentence that says where its figure is from has one of these.
const SOURCES: [&str; 2] = ["](", "earlier run"];

/// On a page with measured tables, each figure in prose stands in one of
/// them, so that it changes when they do, or its line says where it is from.
pub fn figures(book: &Book) -> Vec<Fault> {
    let mut seen = 0;
    let mut faults = Vec::new();
    for page in &book.pages {
        let measured = measured(book, page);
        let measured: Vec<f64> =
            measured.iter().flat_map(|f| all_numbers(&f.text)).collect();
        if measured.is_empty() {
            continue;
        }
        for (line, figure) in in_prose(page) {
            seen += 1;
            let number: String = figure.chars().filter(|c| *c != ',').collect();
            if !is_among(&measured, &number) {
                let what = format!(
                    "no measured table on this page has {figure}; correct the \
                    figure, or say on its line where it is from"
                );
                faults.push(page.source.fault(line, what));
            }
        }
    }
    faults.extend(none_seen(seen, "figures"));
    faults
}

/// The results that a page includes.
fn measured(book: &Book, page: &Page) -> Vec<Source> {
    directives(&page.source)
        .iter()
        .filter(|found| found.path.contains("/results/"))
        .filter_map(|found| resolve(&page.source.path, found.path))
        .filter_map(|path| book.file(&path))
        .collect()
}

/// Numbers with a unit, outside of code and tables.
fn in_prose(page: &Page) -> Vec<(usize, &str)> {
    let is_fenced = |line: usize| {
        page.fences.iter().any(|fence| {
            let lines = fence.body.lines().count() + 1;
            (fence.line..=fence.line + lines).contains(&line)
        })
    };
    let mut found = Vec::new();
    let mut before = "";
    for (number, line) in page.source.lines() {
        let is_told = SOURCES
            .iter()
            .any(|s| line.contains(s) || before.trim_end().ends_with(s));
        before = line;
        if is_told || line.starts_with('|') || is_fenced(number) {
            continue;
        }
        found.extend(numbers(line).map(|figure| (number, figure)));
    }
    found
}

/// The numbers of a line that have a unit.
fn numbers(line: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_digit() || ".,".contains(c);
    let is_start = move |at: usize| {
        let before = line[..at].chars().next_back();
        // A quoted figure is somebody else's.
        let is_quoted = line[..at].matches('"').count() % 2 == 1;
        !is_quoted
            && !before
                .is_some_and(|c| is_part(c) || c.is_alphanumeric() || c == '`')
    };
    line.char_indices()
        .filter(move |(at, c)| c.is_ascii_digit() && is_start(*at))
        .filter_map(move |(at, _)| {
            let rest = &line[at..];
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let after = rest[end..].trim_start();
            let has_unit = UNITS.iter().any(|unit| {
                let next = after.strip_prefix(unit);
                next.is_some_and(|n| !n.starts_with(char::is_alphanumeric))
            });
            let number = rest[..end].trim_end_matches(['.', ',']);
            let percent = rest.len() - after.len() + 1;
            match after.starts_with('%') {
                true => Some(&rest[..percent]),
                false => has_unit.then_some(number),
            }
        })
}

/// The numbers of a text, without commas for thousands. What stands in a comment,
/// such as a digest, is none.
fn all_numbers(text: &str) -> Vec<f64> {
    let shown = text.lines().filter(|line| !line.starts_with("<!--"));
    let plain = shown.collect::<Vec<_>>().join("\n").replace(',', "");
    let parts = plain.split(|c: char| !c.is_ascii_digit() && c != '.');
    parts.filter_map(|part| part.parse().ok()).collect()
}

/// Whether one of the numbers is the figure, rounded as it is; 1.16 times may
/// be 16 % more, and 0.16 may be 16 %.
fn is_among(numbers: &[f64], figure: &str) -> bool {
    let is_percent = figure.ends_with('%');
    let figure = figure.trim_end_matches(['%', ' ']);
    let decimals = figure.split_once('.').map_or(0, |(_, part)| part.len());
    let Ok(wanted) = figure.parse::<f64>() else {
        return false;
    };
    let rounded = |number: f64| format!("{number:.decimals$}");
    let wanted = rounded(wanted);
    numbers.iter().any(|number| {
        let parts = [number * 100.0, (number - 1.0) * 100.0];
        let parts = parts.into_iter().filter(|_| is_percent);
        parts.chain([*number]).any(|it| rounded(it) == wanted)
    })
}
