use book::checks::anchors;

use crate::small_book::SmallBook;

const CODE: &str = "listings/bakery/src/lib.rs";

#[test]
fn an_anchor_that_never_closes() {
    SmallBook::with(CODE, "// ANCHOR_END: bake\n", "").assert_faults(
        anchors,
        &["listings/bakery/src/lib.rs:1: anchor `bake` never closes"],
    );
}

#[test]
fn an_anchor_that_never_opens() {
    SmallBook::with(CODE, "// ANCHOR: bake\n", "").assert_faults(
        anchors,
        &[
            "listings/bakery/src/lib.rs:5: anchor `bake` closes here but is \
           not open",
        ],
    );
}

#[test]
fn an_anchor_that_opens_twice() {
    let again = "// ANCHOR: bake\nuse std::fmt;\n// ANCHOR_END: bake\n";
    let book = SmallBook::new();
    book.replace(CODE, "/// What", &format!("{again}/// What"));
    book.assert_faults(
        anchors,
        &[
            "listings/bakery/src/lib.rs:8: anchor `bake` opens a second time \
           (first in line 1)",
        ],
    );
}

#[test]
fn an_anchor_that_opens_within_itself() {
    SmallBook::with(CODE, "pub fn bake", "// ANCHOR: bake\npub fn bake")
        .assert_faults(
            anchors,
            &[
                "listings/bakery/src/lib.rs:3: anchor `bake` opens a second \
               time",
            ],
        );
}

#[test]
fn an_anchor_without_code() {
    let book = SmallBook::with(CODE, "// ANCHOR_END: bake\n", "");
    book.replace(CODE, "bake\n", "bake\n\n// ANCHOR_END: bake\n");
    book.assert_faults(
        anchors,
        &["listings/bakery/src/lib.rs:1: anchor `bake` is empty"],
    );
}

#[test]
fn an_anchor_that_no_page_shows() {
    SmallBook::with("src/en/README.md", "lib.rs:slice", "lib.rs:bake")
        .assert_faults(
            anchors,
            &["listings/bakery/src/lib.rs:13: no page shows anchor `slice`"],
        );
}

#[test]
fn an_anchor_of_a_manifest_that_no_page_shows() {
    let include = "{{#include ../../listings/bakery/Cargo.toml:dependencies}}";
    SmallBook::with("src/en/README.md", include, "flour = \"1.2\"")
        .assert_faults(
            anchors,
            &["listings/bakery/Cargo.toml:5: no page shows anchor \
               `dependencies`"],
        );
}

#[test]
fn an_anchor_that_is_not_a_comment_of_its_language() {
    let text =
        "const TEXT: &str = \"\n<!-- ANCHOR: table -->\n# ANCHOR: a\";\n";
    let book = SmallBook::with(CODE, "/// What", &format!("{text}/// What"));
    // What a test of the listing compares with is not for a page.
    book.write("listings/bakery/tests/spans.md", "<!-- ANCHOR: spans -->\n");
    book.assert_faults(anchors, &[]);
}

#[test]
fn an_anchor_in_a_doc_comment() {
    SmallBook::with(CODE, "/// What", "/// ANCHOR: loaf\n/// What")
        .assert_faults(
            anchors,
            &["listings/bakery/src/lib.rs:8: anchor `loaf` never closes"],
        );
}

#[test]
fn an_anchor_with_a_name_mdbook_cuts_short() {
    let book = SmallBook::with(CODE, "ANCHOR: bake", "ANCHOR: bake()");
    book.replace(CODE, "ANCHOR_END: bake", "ANCHOR_END: bake()");
    book.replace("src/en/README.md", "lib.rs:bake", "lib.rs:bake()");
    book.assert_faults(
        anchors,
        &["listings/bakery/src/lib.rs:1: anchor `bake()` is not kebab-case"],
    );
}

#[test]
fn an_anchor_around_a_piece_of_an_item() {
    let book = SmallBook::with(CODE, "    // ANCHOR: slice\n", "");
    book.replace(CODE, "        \"a", "        // ANCHOR: slice\n        \"a");
    book.assert_faults(
        anchors,
        &[
            "listings/bakery/src/lib.rs:15: anchor `slice` is indented and",
            "listings/bakery/src/lib.rs:18: anchor `slice` closes at another",
        ],
    );
}

#[test]
fn an_anchor_around_statements() {
    let book = SmallBook::with(CODE, "    Loaf::d", "    let n = 1;\n    d");
    book.replace(CODE, "// ANCHOR_END: bake\n", "");
    book.replace(CODE, "// ANCHOR: bake\n", "");
    let inner = "    // ANCHOR: bake\n    let n = 1;\n    // ANCHOR_END: bake";
    book.replace(CODE, "    let n = 1;", inner);
    book.assert_faults(
        anchors,
        &["listings/bakery/src/lib.rs:3: anchor `bake` is indented and does"],
    );
}

#[test]
fn an_anchor_longer_than_a_screen() {
    let lines = "    // Wait.\n".repeat(37);
    SmallBook::with(CODE, "    Loaf::d", &format!("{lines}    Loaf::d"))
        .assert_faults(
            anchors,
            &["listings/bakery/src/lib.rs:1: anchor `bake` has 41 lines"],
        );
}
