use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::none_seen;
use crate::{Book, Fault, Source};

/// How the line begins that `scripts/results.sh` adds to what it wrote.
const MARK: &str = "<!-- as measured: ";

/// What a script has measured is as the script left it.
///
/// The digest is no secret: it keeps a figure from being changed in passing,
/// and not one that somebody means to forge.
pub fn results(book: &Book) -> Vec<Fault> {
    let results: Vec<_> = book
        .listings
        .iter()
        .filter(|file| file.path.contains("/results/"))
        .filter(|file| file.extension() == "md")
        .collect();
    let mut faults: Vec<_> =
        results.iter().filter_map(|file| unsigned(file)).collect();
    faults.extend(none_seen(results.len(), "results"));
    faults
}

fn unsigned(file: &Source) -> Option<Fault> {
    let text = file.text.as_str();
    let signed = text.rfind(MARK).is_some_and(|at| {
        let (written, mark) = text.split_at(at);
        mark == format!("{MARK}{} -->\n", digest(written))
    });
    (!signed).then(|| {
        let line = text.lines().count();
        file.fault(
            line,
            "this is not what a script wrote; measure again with \
            `scripts/bench`, instead of changing a figure",
        )
    })
}

fn digest(text: &str) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(text) {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
