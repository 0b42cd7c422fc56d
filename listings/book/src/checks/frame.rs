use std::collections::BTreeSet;

use super::none_seen;
use crate::{
    Book, Fault, Source,
    book::text_files,
    guide_tables::{CLOSES, OPENS},
    guides::listings,
};

/// What all guides share, from the repository's root.
const FRAME: [&str; 15] = [
    ".cargo",
    ".ci",
    ".github",
    "CONTRIBUTING.md",
    "Cargo.toml",
    "README.md",
    "backends",
    "book.toml",
    "clippy.toml",
    "listings/book/src",
    "listings/book/tests",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "scripts",
    "theme",
];

/// Nothing that guides share knows one of them by name, so that another guide
/// changes nothing there. The program of *Getting started* is an example that
/// all may name.
pub fn frame(book: &Book) -> Vec<Fault> {
    let listings = match listings(book) {
        Ok(listings) => listings,
        Err(fault) => return vec![fault],
    };
    let mut names = BTreeSet::new();
    for listing in listings.iter().filter(|known| !known.guides.is_empty()) {
        names.insert(listing.name.clone());
        names.insert(listing.name.replace('-', "_"));
        names.extend(listing.guides.iter().map(|guide| guide.folder.clone()));
    }
    let files: Vec<_> = FRAME
        .iter()
        .flat_map(|part| text_files(book, part))
        .collect();
    let mut faults: Vec<_> =
        files.iter().flat_map(|file| named(file, &names)).collect();
    faults.extend(none_seen(names.len(), "names of guides"));
    faults.extend(none_seen(files.len(), "files that guides share"));
    faults
}

fn named(file: &Source, names: &BTreeSet<String>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut is_made = false;
    for (number, line) in file.lines() {
        is_made = (is_made || line == OPENS) && line != CLOSES;
        if is_made {
            continue;
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let words = line.split(|c| !is_part(c));
        for name in words.filter(|word| names.contains(&word.to_lowercase())) {
            let what = format!(
                "this names the guide {name}, and guides share this file; let \
                the guide say it, in its own folders"
            );
            faults.push(file.fault(number, what));
        }
    }
    faults
}
