use std::collections::BTreeMap;

use crate::{
    Book, Fault,
    book::PAGES,
    summary::{Entry, entries},
};

/// The parts of `SUMMARY.md` whose folders are guides.
const GUIDE_PARTS: [&str; 3] = ["Architecture patterns", "Frameworks", "Data"];
/// What each guide tells beside its own steps.
const GUIDE_PAGES: [&str; 7] = [
    "README.md",
    "concepts.md",
    "telemetry.md",
    "testing.md",
    "performance.md",
    "production.md",
    "references.md",
];

/// `SUMMARY.md` lists every page once and nothing else, and every guide has
/// its pages.
pub fn structure(book: &Book) -> Vec<Fault> {
    let entries = entries(&book.summary);
    let mut faults = Vec::new();
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &entries {
        let fault = |what: String| book.summary.source.fault(entry.line, what);
        let Some(path) = entry.path.as_deref() else {
            faults.push(fault(
                "this entry has no page; list only what is written".to_owned(),
            ));
            continue;
        };
        if book.page(path).is_none() {
            faults.push(fault(format!(
                "there is no page {path}; write it or remove the entry"
            )));
        }
        if let Some(first) = listed.insert(path, entry.line) {
            faults.push(fault(format!(
                "{path} is listed a second time (first in line {first}); \
                remove one entry"
            )));
        }
    }
    let unlisted = book.pages.iter().filter(|page| {
        let path = page.source.path.as_str();
        // mdBook's own name for the page of a wrong address.
        path != format!("{PAGES}/404.md") && !listed.contains_key(path)
    });
    faults.extend(unlisted.map(|page| {
        page.source.fault(
            1,
            "SUMMARY.md does not list this page, so no reader finds it; add \
            it there",
        )
    }));
    faults.extend(entries.iter().flat_map(|entry| guide(book, entry)));
    faults
}

fn guide(book: &Book, entry: &Entry) -> Vec<Fault> {
    let is_guide = GUIDE_PARTS.iter().any(|part| entry.part.ends_with(part));
    let folder = entry
        .path
        .as_deref()
        .filter(|_| is_guide)
        .and_then(|path| path.strip_suffix("/README.md"))
        .filter(|folder| *folder != PAGES);
    let Some(folder) = folder else {
        return Vec::new();
    };
    GUIDE_PAGES
        .iter()
        .map(|page| format!("{folder}/{page}"))
        .filter(|path| book.page(path).is_none())
        .map(|path| {
            let what = format!("this guide lacks {path}; every guide has it");
            book.summary.source.fault(entry.line, what)
        })
        .collect()
}
