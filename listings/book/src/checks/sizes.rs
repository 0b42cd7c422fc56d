use super::none_seen;
use crate::{Book, Fault};

/// Lines of a file that reads like a page.
const MOST_LINES: usize = 250;
/// Tests may take a little more.
const MOST_TEST_LINES: usize = 300;

/// Every Rust file of a listing is short enough to be read in one go.
pub fn sizes(book: &Book) -> Vec<Fault> {
    let files = || book.listings.iter().filter(|f| f.extension() == "rs");
    files()
        .filter_map(|file| {
            let lines = file.text.lines().count();
            let is_test = file.path.contains("/tests/");
            let most = if is_test { MOST_TEST_LINES } else { MOST_LINES };
            let what = format!(
                "this file has {lines} lines, and a file has up to {most}; \
                split it"
            );
            (lines > most).then(|| file.fault(most + 1, what))
        })
        .chain(none_seen(files().count(), "Rust"))
        .collect()
}
