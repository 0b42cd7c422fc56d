//! Each check fails on a book that has the fault it looks for, and names the
//! file and the line.
//!
//! A test takes the small sound book of `tests/fixtures/sound`, breaks one
//! thing, and expects exactly the fault that this makes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod addresses;
mod anchors;
mod artefacts;
mod fences;
mod includes;
mod links;
mod programs;
mod shape;
mod site;
mod small_book;
mod structure;
mod versions;

use book::{Book, checks};
use small_book::SmallBook;

#[test]
fn the_small_book_is_sound() {
    let book = SmallBook::new();
    let all = [
        checks::anchors,
        checks::artefacts,
        checks::clocks,
        checks::fences,
        checks::includes,
        checks::links,
        checks::programs,
        checks::shape,
        checks::sizes,
        checks::structure,
        checks::version_page,
        checks::versions,
    ];
    for check in all {
        book.assert_faults(check, &[]);
    }
}

#[test]
fn a_folder_without_a_book() {
    let folder = tempfile::tempdir().unwrap();
    let error = Book::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot read src/en/SUMMARY.md: "),
        "{error}"
    );
}

#[test]
fn a_file_that_is_too_long() {
    let book = SmallBook::new();
    book.write("listings/bakery/src/long.rs", &"\n".repeat(251));
    book.write("listings/bakery/tests/long.rs", &"\n".repeat(301));
    book.assert_faults(
        checks::sizes,
        &[
            "listings/bakery/src/long.rs:251: this file has 251 lines",
            "listings/bakery/tests/long.rs:301: this file has 301 lines",
        ],
    );
}

#[test]
fn a_test_that_a_busy_machine_fails() {
    let book = SmallBook::new();
    let tests = "let start = Instant::now();
        check!(start.elapsed() < DEADLINE, \"it still bakes\");
        check!(start.elapsed() >= Duration::from_secs(1));
        check!(start.elapsed() < DEADLINE / 4);
        while start.elapsed() < LONG {}
        let took = start.elapsed();
        check!(
            loaves == 2 && took <= LONG,
            \"{took:?}\"
        );
        check!(loaves < took_home);
    ";
    // Written so that this file is not taken for such a test.
    let tests = tests.replace("check!", "assert!");
    book.write("listings/bakery/tests/clocks.rs", &tests);
    book.assert_faults(
        checks::clocks,
        &[
            "listings/bakery/tests/clocks.rs:4: a busy machine fails this",
            "listings/bakery/tests/clocks.rs:7: a busy machine fails this",
        ],
    );
}
