use book::checks::tables;

use crate::small_book::SmallBook;

const GUIDES: &str = "listings/book/generated/guides.md";
const MANIFEST: &str = "listings/bakery/Cargo.toml";

#[test]
fn another_sentence() {
    SmallBook::with(MANIFEST, "bake bread", "bake cake").assert_faults(
        tables,
        &["listings/book/generated/guides.md:5: says “| [The bakery]\
           (bakery/index.html) | bake bread |”, but the manifests of listings \
           say “| [The bakery](bakery/index.html) | bake cake |”"],
    );
}

#[test]
fn another_check_from_outside() {
    SmallBook::with(MANIFEST, "a mouse", "a rat").assert_faults(
        tables,
        &["listings/book/generated/outside.md:3: says “| [The bakery]"],
    );
}

#[test]
fn another_description() {
    SmallBook::with(MANIFEST, "Bakes bread", "Bakes cake").assert_faults(
        tables,
        &["README.md:11: says “| [The bakery](src/en/bakery/README.md)"],
    );
}

#[test]
fn another_title_and_another_part() {
    SmallBook::with("src/en/SUMMARY.md", "[The bakery]", "[A bakery]")
        .assert_faults(
            tables,
            &[
                "README.md:11: says",
                "listings/book/generated/guides.md:5: says",
                "listings/book/generated/outside.md:3: says",
            ],
        );
    SmallBook::with("src/en/SUMMARY.md", "Part I: ", "").assert_faults(
        tables,
        &["listings/book/generated/guides.md:1: says “**Part I"],
    );
}

#[test]
fn a_table_that_somebody_wrote() {
    SmallBook::with(GUIDES, "bread", "bread and cake")
        .assert_faults(tables, &["listings/book/generated/guides.md:5: says"]);
}

#[test]
fn a_readme_without_a_place_for_the_table() {
    SmallBook::with("README.md", "<!-- End of the guides -->", "")
        .assert_faults(tables, &["README.md:1: the table of guides has no"]);
}

#[test]
fn a_guide_without_an_entry() {
    let book = SmallBook::new();
    book.write("src/en/SUMMARY.md", "# Summary\n");
    book.assert_faults(
        tables,
        &["listings/bakery/Cargo.toml:15: SUMMARY.md lists no page of"],
    );
}
