use std::collections::BTreeSet;

use super::none_seen;
use crate::{
    Book, Fault, Source,
    anchor::{Anchor, anchors as parse},
};

/// As much code as a reader takes in at once.
const MOST_LINES: usize = 40;
/// How an item of Rust begins.
const ITEM_STARTS: &str = "async const enum extern fn impl macro_rules! \
    mod pub static struct trait type unsafe use";

/// Every anchor of a listing opens and closes once, wraps whole items, fits on
/// a screen, and is shown by a page.
pub fn anchors(book: &Book) -> Vec<Fault> {
    let shown = book.shown();
    let mut faults = Vec::new();
    let mut seen = 0;
    let paths: BTreeSet<&str> = book
        .listings
        .iter()
        .filter(|source| !is_golden(source))
        .map(|source| source.path.as_str())
        .chain(shown.iter().map(|(path, _)| path.as_str()))
        .collect();
    for file in paths.into_iter().filter_map(|path| book.file(path)) {
        let (anchors, broken) = parse(&file);
        faults.extend(broken);
        seen += anchors.len();
        for anchor in anchors {
            let part = (file.path.clone(), Some(anchor.name.to_owned()));
            let is_shown = shown.contains(&part);
            let wrong = wrong_with(&file, &anchor, is_shown);
            faults.extend(wrong.map(|what| file.fault(anchor.line, what)));
        }
    }
    faults.extend(none_seen(seen, "anchors"));
    faults
}

/// Whether a test of the listing compares with this file.
fn is_golden(file: &Source) -> bool {
    file.extension() == "md" && file.path.contains("/tests/")
}

fn wrong_with(
    file: &Source,
    anchor: &Anchor<'_>,
    is_shown: bool,
) -> impl Iterator<Item = String> {
    let name = anchor.name;
    let length = anchor.shown.len();
    let is_empty = anchor.shown.iter().all(|(_, line)| line.trim().is_empty());
    let mut wrong = Vec::new();
    if !is_kebab(name) {
        wrong.push(format!(
            "anchor `{name}` is not kebab-case, and mdBook takes only \
            letters, digits, `_` and `-`; rename it"
        ));
    }
    if is_empty {
        wrong.push(format!("anchor `{name}` is empty; remove it"));
    } else if !wraps_whole_items(file, anchor) {
        wrong.push(format!(
            "anchor `{name}` is indented and does not wrap whole items, so \
            its code stands askew on the page; move it around an item"
        ));
    }
    if length > MOST_LINES && file.extension() != "md" {
        wrong.push(format!(
            "anchor `{name}` has {length} lines, and a reader takes in \
            {MOST_LINES}; split it"
        ));
    }
    if !is_shown {
        wrong.push(format!(
            "no page shows anchor `{name}`; include it with `:{name}` or \
            remove it"
        ));
    }
    wrong.into_iter()
}

fn is_kebab(name: &str) -> bool {
    name.split('-').all(|part| {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        !part.is_empty() && part.chars().all(is_plain)
    })
}

/// mdBook does not dedent. At column 0 rustfmt lets a comment stand only
/// between items; deeper, what rustfmt wrote tells whether the first line
/// starts an item and the last one ends it.
fn wraps_whole_items(file: &Source, anchor: &Anchor<'_>) -> bool {
    match (anchor.indent, file.extension()) {
        (0, _) | (_, "yaml" | "yml") => true,
        (indent, "rs") => {
            let mut code = anchor
                .shown
                .iter()
                .map(|(_, line)| *line)
                .filter(|line| !line.trim().is_empty());
            let mut starts = code.clone().map(str::trim_start).filter(|line| {
                !line.starts_with("//") && !line.starts_with('#')
            });
            let first = starts.next().unwrap_or_default();
            let word = first.split([' ', '(']).next().unwrap_or_default();
            let last = code.clone().next_back().unwrap_or_default();
            code.all(|line| depth(line) >= indent)
                && ITEM_STARTS.split(' ').any(|start| start == word)
                && depth(last) == indent
                && last.ends_with(['}', ';'])
        }
        _ => false,
    }
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
