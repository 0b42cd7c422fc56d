use book::checks::shape;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/README.md";

#[test]
fn a_page_without_a_title() {
    SmallBook::with(PAGE, "# The small book", "The small book")
        .assert_faults(shape, &["src/en/README.md:1: this page has no title"]);
}

#[test]
fn a_page_with_two_titles() {
    SmallBook::with(PAGE, "## Prices", "# Prices")
        .assert_faults(shape, &["src/en/README.md:48: this is a second title"]);
}

#[test]
fn a_diagram_for_the_eye_alone() {
    for word in ["accTitle", "accDescr"] {
        SmallBook::with(PAGE, word, "%%").assert_faults(
            shape,
            &[&format!(
                "src/en/README.md:41: this diagram says nothing to a screen \
                 reader; add a line `{word}: …`"
            )],
        );
    }
}

#[test]
fn a_page_too_short() {
    let book = SmallBook::new();
    let text = "# Testing\n\n## Next {#next}\n\n[Concepts](concepts.md)\n";
    book.write("src/en/bakery/testing.md", text);
    book.assert_faults(
        shape,
        &["src/en/bakery/testing.md:1: this page has 5 lines"],
    );
}

#[test]
fn a_page_too_long() {
    SmallBook::with(PAGE, "A page on", &"A line.\n".repeat(300))
        .assert_faults(shape, &["src/en/README.md:1: this page has 358"]);
}

#[test]
fn included_tables_count_as_lines_of_the_page() {
    let include = "{{#include ../../listings/book/generated/versions.md}}";
    SmallBook::with("src/en/versions.md", include, "").assert_faults(
        shape,
        &["src/en/versions.md:1: this page has 38 lines"],
    );
}

#[test]
fn only_the_included_part_of_a_table_counts() {
    let table = "listings/bakery/telemetry/tables.md";
    let long = "| a |\n".repeat(400);
    let part = "<!-- ANCHOR: spans -->\n| b |\n<!-- ANCHOR_END: spans -->\n";
    let include = format!("{{{{#include ../../{table}:spans}}}}");
    let book = SmallBook::with(PAGE, "A page", &include);
    book.write(table, &format!("{long}{part}"));
    book.assert_faults(shape, &[]);
}

#[test]
fn a_page_that_leads_nowhere() {
    let last = "[The bakery](bakery/README.md#bakery) bakes.";
    SmallBook::with(PAGE, last, "That was all.").assert_faults(
        shape,
        &["src/en/README.md:58: the page does not say where to go next"],
    );
    SmallBook::with(PAGE, "## Next {#next}\n\n", "").assert_faults(
        shape,
        &["src/en/README.md:56: the page does not say where to go next"],
    );
}
