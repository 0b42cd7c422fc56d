use book::checks::structure;

use crate::small_book::SmallBook;

const SUMMARY: &str = "src/en/SUMMARY.md";

#[test]
fn a_page_that_the_summary_lacks() {
    SmallBook::with(SUMMARY, "- [Versions](versions.md)\n", "").assert_faults(
        structure,
        &["src/en/versions.md:1: SUMMARY.md does not list this page"],
    );
}

#[test]
fn an_entry_without_a_page() {
    SmallBook::with(SUMMARY, "(versions.md)", "(version.md)").assert_faults(
        structure,
        &[
            "src/en/SUMMARY.md:18: there is no page src/en/version.md",
            "src/en/versions.md:1: SUMMARY.md does not list this page",
        ],
    );
}

#[test]
fn an_entry_that_is_not_written_yet() {
    let draft = "- [Glossary]()\n- [Versions]";
    SmallBook::with(SUMMARY, "- [Versions]", draft).assert_faults(
        structure,
        &["src/en/SUMMARY.md:18: this entry has no page"],
    );
}

#[test]
fn an_entry_twice() {
    let twice = "- [Versions](versions.md)\n- [Versions]";
    SmallBook::with(SUMMARY, "- [Versions]", twice).assert_faults(
        structure,
        &["src/en/SUMMARY.md:19: src/en/versions.md is listed a second time"],
    );
}

#[test]
fn the_page_of_a_wrong_address_needs_no_entry() {
    let book = SmallBook::new();
    book.write("src/en/404.md", "# Not found\n");
    book.assert_faults(structure, &[]);
}
