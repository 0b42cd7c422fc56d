use book::checks::guides;

use crate::small_book::SmallBook;

const BAKERY: &str = "listings/bakery/Cargo.toml";
const DECLARED: &str = "[package.metadata.guides]\nbakery = \"bake bread\"\n";

/// A short guide in place of the large one.
fn short() -> SmallBook {
    let book = SmallBook::new();
    for page in ["testing", "performance"] {
        book.remove(&format!("src/en/bakery/{page}.md"));
    }
    book.write("src/en/bakery/proof.md", "# Proof\n");
    book
}

#[test]
fn a_guide_without_one_of_its_pages() {
    let book = SmallBook::new();
    book.remove("src/en/bakery/production.md");
    book.assert_faults(
        guides,
        &["listings/bakery/Cargo.toml:15: the guide lacks \
           src/en/bakery/production.md; every large guide has it"],
    );
}

#[test]
fn a_guide_in_a_part_of_any_name() {
    let book = SmallBook::with(
        "src/en/SUMMARY.md",
        "Part I: Architecture patterns",
        "Bread",
    );
    book.remove("src/en/bakery/concepts.md");
    book.assert_faults(
        guides,
        &["listings/bakery/Cargo.toml:15: the guide lacks \
           src/en/bakery/concepts.md"],
    );
}

#[test]
fn a_guide_without_steps() {
    let book = SmallBook::new();
    book.remove("src/en/bakery/dough.md");
    book.assert_faults(
        guides,
        &["listings/bakery/Cargo.toml:15: this guide has no pages of its own"],
    );
}

#[test]
fn a_short_guide() {
    short().assert_faults(guides, &[]);
}

#[test]
fn a_short_guide_without_one_of_its_pages() {
    let book = short();
    book.remove("src/en/bakery/telemetry.md");
    book.assert_faults(
        guides,
        &["listings/bakery/Cargo.toml:15: the guide lacks \
           src/en/bakery/telemetry.md; every short guide has it"],
    );
}

#[test]
fn a_short_guide_that_is_long() {
    let book = short();
    book.write("src/en/bakery/oven.md", "# Oven\n");
    book.assert_faults(
        guides,
        &[
            "listings/bakery/Cargo.toml:15: this short guide has 4 pages of \
           its own",
        ],
    );
}

#[test]
fn a_guide_that_the_summary_lacks() {
    let line = "- [The bakery](bakery/README.md)\n";
    SmallBook::with("src/en/SUMMARY.md", line, "").assert_faults(
        guides,
        &["listings/bakery/Cargo.toml:15: SUMMARY.md does not list \
           src/en/bakery/README.md"],
    );
}

#[test]
fn a_page_that_is_not_written() {
    let page = "src/en/bakery/concepts.md";
    let unwritten = "This page is not written yet. Batch 1";
    let book = SmallBook::with(page, "Batch 1", unwritten);
    book.assert_faults(
        guides,
        &["src/en/bakery/concepts.md:3: this page is not written"],
    );
    // The guide may say so.
    book.replace(BAKERY, "bake bread", "this guide is not written yet");
    book.assert_faults(guides, &[]);
    book.replace(page, unwritten, "Batch 1");
    book.assert_faults(
        guides,
        &["listings/bakery/Cargo.toml:15: every page of this guide is written"],
    );
}

#[test]
fn pages_that_no_listing_declares() {
    let book = SmallBook::new();
    book.write("src/en/mill/README.md", "# The mill\n");
    book.assert_faults(
        guides,
        &["src/en/mill/README.md:1: no listing declares the folder"],
    );
}

#[test]
fn a_listing_with_a_script_that_declares_nothing() {
    let book = SmallBook::new();
    book.write("listings/shop/guide.sh", "demo() { :; }\n");
    book.assert_faults(
        guides,
        &[
            "listings/shop/Cargo.toml:1: this listing has a guide.sh, and \
           declares no pages",
        ],
    );
}

#[test]
fn a_listing_that_declares_and_has_no_script() {
    let book = SmallBook::new();
    book.remove("listings/bakery/guide.sh");
    book.assert_faults(
        guides,
        &[
            "listings/bakery/Cargo.toml:12: guide.sh has no function `check`",
            "listings/bakery/Cargo.toml:15: this listing declares pages, and \
             has no guide.sh",
        ],
    );
}

#[test]
fn a_folder_of_two_listings() {
    let book = SmallBook::new();
    let manifest = "[package]\nname = \"shop\"\ndescription = \"A shop.\"\n";
    book.write(
        "listings/shop/Cargo.toml",
        &format!("{manifest}\n{DECLARED}"),
    );
    book.write("listings/shop/guide.sh", "demo() { :; }\n");
    book.assert_faults(
        guides,
        &[
            "listings/shop/Cargo.toml:6: listings/bakery/Cargo.toml declares \
           bakery, too",
        ],
    );
}

#[test]
fn a_guide_without_a_description() {
    SmallBook::with(BAKERY, "description", "homepage").assert_faults(
        guides,
        &[
            "listings/bakery/Cargo.toml:1: the tables of guides show the \
           description",
        ],
    );
}

#[test]
fn a_check_from_outside_of_which_nothing_is_said() {
    SmallBook::with(BAKERY, "outside", "inside").assert_faults(
        guides,
        &[
            "listings/bakery/Cargo.toml:1: guide.sh checks this guide from \
           outside; say",
        ],
    );
}

#[test]
fn an_example_that_is_a_guide() {
    let example = "[package.metadata]\nexample-of = \"bakery\"\n";
    let book = SmallBook::with(BAKERY, DECLARED, "");
    book.replace(BAKERY, "[package.metadata]\n", example);
    book.assert_faults(
        guides,
        &[
            "listings/bakery/Cargo.toml:12: src/en/bakery has the first page \
             of a guide",
            "listings/book/src/checks:1: the check saw no declared guides",
        ],
    );
    book.replace(BAKERY, "example-of = \"bakery\"", "example-of = \"mill\"");
    book.assert_faults(
        guides,
        &[
            "listings/bakery/Cargo.toml:12: there are no pages in src/en/mill",
            "listings/book/src/checks:1: the check saw no declared guides",
            "src/en/bakery/README.md:1: no listing declares the folder",
        ],
    );
}
