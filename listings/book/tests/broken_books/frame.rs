use book::checks::frame;

use crate::small_book::SmallBook;

#[test]
fn a_script_that_knows_a_guide() {
    let book = SmallBook::new();
    book.write("scripts/demo", "case $1 in\n  bakery) knead ;;\nesac\n");
    book.assert_faults(frame, &["scripts/demo:2: this names the guide bakery"]);
}

#[test]
fn a_workflow_and_a_test_that_know_a_guide() {
    let book = SmallBook::new();
    book.write(".github/workflows/test.yml", "- run: scripts/test Bakery\n");
    book.write("listings/book/tests/a.rs", "use bakery::Loaf;\n");
    book.assert_faults(
        frame,
        &[
            ".github/workflows/test.yml:1: this names the guide Bakery",
            "listings/book/tests/a.rs:1: this names the guide bakery",
        ],
    );
}

#[test]
fn a_readme_that_names_a_guide_outside_its_table() {
    let book = SmallBook::with("README.md", "A small book", "About bakery");
    book.assert_faults(frame, &["README.md:1: this names the guide bakery"]);
}

#[test]
fn a_longer_word_is_another_word() {
    let book = SmallBook::new();
    book.write("scripts/demo", "bakery-of-the-north bakerys\n");
    book.assert_faults(frame, &[]);
}
