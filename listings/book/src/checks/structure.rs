use std::collections::BTreeMap;

use super::none_seen;
use crate::{Book, Fault, book::PAGES, summary::entries};

/// `SUMMARY.md` lists every page once and nothing else.
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
    faults.extend(none_seen(entries.len(), "entries of SUMMARY.md"));
    faults
}
