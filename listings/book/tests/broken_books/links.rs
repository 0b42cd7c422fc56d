use book::checks::links;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/README.md";

#[test]
fn a_page_that_is_not_there() {
    SmallBook::with(PAGE, "(bakery/README.md#", "(bakery/index.md#")
        .assert_faults(
            links,
            &["src/en/README.md:58: bakery/index.md#bakery leads to \
               src/en/bakery/index.md, which does not exist"],
        );
}

#[test]
fn a_page_of_the_summary_that_is_not_there() {
    SmallBook::with("src/en/SUMMARY.md", "(versions.md)", "(version.md)")
        .assert_faults(links, &["src/en/SUMMARY.md:18: version.md leads to"]);
}

#[test]
fn a_heading_that_is_not_there() {
    SmallBook::with(PAGE, "README.md#bakery", "README.md#bakers")
        .assert_faults(
            links,
            &[
                "src/en/README.md:58: src/en/bakery/README.md has no heading \
               with the id bakers",
            ],
        );
    SmallBook::with(PAGE, "(#prices)", "(#price)").assert_faults(
        links,
        &[
            "src/en/README.md:51: src/en/README.md has no heading with the id \
           price",
        ],
    );
}

#[test]
fn a_heading_whose_id_would_change_with_its_words() {
    let book = SmallBook::with("src/en/bakery/README.md", " {#bakery}", "");
    book.replace(PAGE, "README.md#bakery", "README.md#the-bakery");
    book.assert_faults(
        links,
        &[
            "src/en/bakery/README.md:1: src/en/README.md:58 links to this \
           heading, and rewording it would break the link; add \
           `{#the-bakery}`",
        ],
    );
}

#[test]
fn ids_are_those_of_mdbook() {
    let headings = "## `--passes`: more, and _more_\n\n## Über uns\n\n\
                    ## Über uns\n\n<a id=\"by-hand\"></a>\n\n## Next";
    let to = "[a](#--passes-more-and-more) [b](#über-uns)\n\
              [c](#%C3%BCber-uns-1) [d](#by-hand)\n\n## Prices";
    let book = SmallBook::with(PAGE, "## Prices", to);
    book.replace(PAGE, "## Next", headings);
    book.assert_faults(links, &[]);
}

#[test]
fn a_file_outside_the_book() {
    SmallBook::with(PAGE, "(bakery/README.md#bakery)", "(../../Cargo.lock)")
        .assert_faults(
            links,
            &["src/en/README.md:58: ../../Cargo.lock leads out of the book"],
        );
}

#[test]
fn a_definition_that_is_not_there() {
    SmallBook::with(PAGE, "](bakery/README.md#bakery)", "][bakery]")
        .assert_faults(
            links,
            &["src/en/README.md:58: no line defines the link [bakery]"],
        );
}

#[test]
fn an_address_without_encryption() {
    SmallBook::with(PAGE, "](bakery/README.md#bakery)", "](http://rust.org)")
        .assert_faults(
            links,
            &["src/en/README.md:58: http://rust.org is not encrypted"],
        );
    SmallBook::with(PAGE, "A page", "See http://rust.org/: a page")
        .assert_faults(
            links,
            &["src/en/README.md:3: http://rust.org/: is not encrypted"],
        );
}

#[test]
fn a_readme_with_a_dead_link() {
    SmallBook::with("README.md", "Cargo.toml)", "Shop.toml)").assert_faults(
        links,
        &["README.md:4: listings/shop/Shop.toml leads to"],
    );
    SmallBook::with("README.md", "README.md#prices", "README.md#price")
        .assert_faults(
            links,
            &["README.md:5: src/en/README.md has no heading with the id \
               price"],
        );
}
