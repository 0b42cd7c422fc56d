//! Each check fails on a book that has the fault it looks for, and names the
//! file and the line.
//!
//! A test takes the small sound book of `tests/fixtures/sound`, breaks one
//! thing, and expects exactly the fault that this makes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod addresses;
mod anchors;
mod artefacts;
mod commands;
mod fences;
mod figures;
mod frame;
mod guides;
mod includes;
mod links;
mod outputs;
mod paths;
mod programs;
mod results;
mod settings;
mod shape;
mod site;
mod small_book;
mod structure;
mod tables;
mod versions;

use std::fs;

use book::{Book, Fault, checks};
use small_book::SmallBook;

/// All checks of the sources that look for something.
const ALL: [fn(&Book) -> Vec<Fault>; 21] = [
    checks::addresses,
    checks::anchors,
    checks::artefacts,
    checks::clocks,
    checks::commands,
    checks::fences,
    checks::figures,
    checks::frame,
    checks::guides,
    checks::includes,
    checks::links,
    checks::outputs,
    checks::paths,
    checks::programs,
    checks::results,
    checks::settings,
    checks::shape,
    checks::sizes,
    checks::structure,
    checks::variables,
    checks::versions,
];

#[test]
fn the_small_book_is_sound() {
    let book = SmallBook::new();
    for check in ALL {
        book.assert_faults(check, &[]);
    }
    book.assert_faults(checks::version_page, &[]);
    book.assert_faults(checks::tables, &[]);
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
fn a_check_that_sees_nothing_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("src/en/SUMMARY.md");
    fs::create_dir_all(summary.parent().unwrap()).unwrap();
    fs::write(summary, "# Summary\n").unwrap();
    let book = Book::open(folder.path()).unwrap();
    for check in ALL {
        let faults = check(&book);
        let says_so = faults.iter().any(|f| f.what.contains("saw no "));
        assert!(says_so, "{faults:#?}");
    }
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
