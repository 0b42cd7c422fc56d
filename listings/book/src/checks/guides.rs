use std::collections::BTreeMap;

use super::none_seen;
use crate::{
    Book, Fault,
    book::PAGES,
    guides::{Guide, Listing, listings},
    summary::entries,
};

/// What a large guide tells beside its own steps.
const LARGE: [&str; 7] = [
    "README.md",
    "concepts.md",
    "telemetry.md",
    "testing.md",
    "performance.md",
    "production.md",
    "references.md",
];
/// The same in a short guide, which is one by its `proof.md`.
const SHORT: [&str; 4] =
    ["README.md", "telemetry.md", "proof.md", "production.md"];
/// Steps of a short guide.
const STEPS: std::ops::RangeInclusive<usize> = 2..=3;

/// What the skeleton of `scripts/new-guide` says on each page, and in its
/// declaration.
const UNWRITTEN: &str = "This page is not written yet";
const UNWRITTEN_GUIDE: &str = "this guide is not written yet";

/// Each folder of pages is declared by one listing, each listing that scripts
/// find as a guide declares its pages, and each guide has all of them.
pub fn guides(book: &Book) -> Vec<Fault> {
    let listings = match listings(book) {
        Ok(listings) => listings,
        Err(fault) => return vec![fault],
    };
    let mut faults = Vec::new();
    let mut declared = BTreeMap::new();
    for listing in &listings {
        faults.extend(declares(listing));
        for folder in listing.folders() {
            let first = declared.insert(folder.path(), listing);
            if let Some(first) = first {
                let what = format!(
                    "{} declares {}, too; a folder belongs to one listing",
                    first.manifest.path, folder.folder
                );
                faults.push(listing.manifest.fault(folder.line, what));
            }
        }
        let missing = listing.guides.iter().flat_map(|guide| {
            pages(book, guide)
                .into_iter()
                .map(|what| listing.manifest.fault(guide.line, what))
        });
        faults.extend(missing);
        faults.extend(unwritten(book, listing));
        faults.extend(example(book, listing));
    }
    faults.extend(undeclared(book, &declared));
    let count = listings.iter().map(|listing| listing.guides.len()).sum();
    faults.extend(none_seen(count, "declared guides"));
    faults
}

/// What scripts know of a listing and what its manifest says go together.
fn declares(listing: &Listing<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let fault = |line, what: &str| listing.manifest.fault(line, what);
    let first = listing.folders().next();
    match (listing.script, first) {
        (Some(_), None) => faults.push(fault(
            1,
            "this listing has a guide.sh, and declares no pages; add \
            `[package.metadata.guides]` with a line for each folder of src/en",
        )),
        (None, Some(folder)) => faults.push(fault(
            folder.line,
            "this listing declares pages, and has no guide.sh for scripts to \
            find it by; add one",
        )),
        _ => {}
    }
    if first.is_some() && listing.description.is_none() {
        faults.push(fault(
            1,
            "the tables of guides show the description of this package; add \
            one",
        ));
    }
    match (listing.offers("check"), &listing.outside) {
        (true, None) => faults.push(fault(
            1,
            "guide.sh checks this guide from outside; say in \
            `[package.metadata]` what that finds, as `outside`",
        )),
        (false, Some((line, _))) => faults.push(fault(
            *line,
            "guide.sh has no function `check` that looks at this guide from \
            outside; add it, or remove this line",
        )),
        _ => {}
    }
    faults
}

/// What a guide lacks.
fn pages(book: &Book, guide: &Guide) -> Vec<String> {
    let folder = guide.path();
    let names = names(book, &folder);
    let is_short = names.contains(&"proof.md");
    let needed = if is_short { &SHORT[..] } else { &LARGE };
    let kind = if is_short { "short" } else { "large" };
    let missing = needed.iter().filter(|page| !names.contains(page));
    let mut wrong: Vec<_> = missing
        .map(|page| {
            format!(
                "the guide lacks {folder}/{page}; every {kind} guide has it"
            )
        })
        .collect();
    let readme = guide.readme();
    let entries = entries(&book.summary);
    if !entries.iter().any(|e| e.path.as_deref() == Some(&readme)) {
        wrong.push(format!("SUMMARY.md does not list {readme}; add it there"));
    }
    let steps = names.iter().filter(|name| !needed.contains(name)).count();
    if is_short && !STEPS.contains(&steps) {
        wrong.push(format!(
            "this short guide has {steps} pages of its own, and a short guide \
            has two or three"
        ));
    }
    if !is_short && steps == 0 {
        wrong.push("this guide has no pages of its own".to_owned());
    }
    wrong
}

/// Only a guide that says of itself that it is not written has pages that are
/// not, so that the front page says so as well.
fn unwritten(book: &Book, listing: &Listing<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for guide in &listing.guides {
        let within = format!("{}/", guide.path());
        let pages = book.pages.iter().map(|page| &page.source);
        let mut lines = pages
            .filter(|page| page.path.starts_with(&within))
            .flat_map(|page| page.lines().map(move |line| (page, line)))
            .filter(|(_, (_, line))| line.contains(UNWRITTEN))
            .peekable();
        if guide.sentence != UNWRITTEN_GUIDE {
            faults.extend(lines.map(|(page, (number, _))| {
                let what = "this page is not written; write it, or remove it";
                page.fault(number, what)
            }));
        } else if lines.peek().is_none() {
            let what = "every page of this guide is written; say here what \
                one can do after it";
            faults.push(listing.manifest.fault(guide.line, what));
        }
    }
    faults
}

/// The pages of a folder.
fn names<'a>(book: &'a Book, folder: &str) -> Vec<&'a str> {
    book.pages
        .iter()
        .filter_map(|page| page.source.path.strip_prefix(folder))
        .filter_map(|name| name.strip_prefix('/'))
        .collect()
}

/// Pages that are no guide are there, and have no first page of a guide.
fn example(book: &Book, listing: &Listing<'_>) -> Option<Fault> {
    let folder = listing.example_of.as_ref()?;
    let names = names(book, &folder.path());
    let what = if names.is_empty() {
        format!("there are no pages in {}; correct it", folder.path())
    } else if names.contains(&"README.md") {
        format!(
            "{} has the first page of a guide; declare it in \
            `[package.metadata.guides]`",
            folder.path()
        )
    } else {
        return None;
    };
    Some(listing.manifest.fault(folder.line, what))
}

/// Folders of pages that no listing declares.
fn undeclared(
    book: &Book,
    declared: &BTreeMap<String, &Listing<'_>>,
) -> Vec<Fault> {
    let mut folders = BTreeMap::new();
    for page in &book.pages {
        let path = page.source.path.as_str();
        let Some((folder, _)) = path.rsplit_once('/') else {
            continue;
        };
        if folder != PAGES && !declared.contains_key(folder) {
            folders.entry(folder).or_insert(page);
        }
    }
    folders
        .into_values()
        .map(|page| {
            let what = "no listing declares the folder of this page; do so in \
                `[package.metadata.guides]` of its Cargo.toml";
            page.source.fault(1, what)
        })
        .collect()
}
