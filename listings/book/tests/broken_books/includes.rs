use book::checks::includes;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/README.md";
const CODE: &str = "listings/bakery/src/lib.rs";

#[test]
fn a_file_that_is_not_there() {
    SmallBook::with(PAGE, "src/lib.rs:bake", "src/bread.rs:bake")
        .assert_faults(
            includes,
            &["src/en/README.md:8: there is no text file \
               listings/bakery/src/bread.rs; correct the path in \
               `{{#include ../../listings/bakery/src/bread.rs:bake}}`"],
        );
}

#[test]
fn a_file_outside_the_repository() {
    SmallBook::with(PAGE, "../../listings/bakery/src", "../../../etc")
        .assert_faults(
            includes,
            &[
                "src/en/README.md:8: `{{#include ../../../etc/lib.rs:bake}}` \
               leads out of the repository",
            ],
        );
}

#[test]
fn an_anchor_that_is_not_there() {
    SmallBook::with(PAGE, "lib.rs:bake", "lib.rs:bakes").assert_faults(
        includes,
        &["src/en/README.md:8: \
           `{{#include ../../listings/bakery/src/lib.rs:bakes}}` names an \
           anchor that listings/bakery/src/lib.rs lacks, and mdBook shows \
           nothing; it has: bake, slice"],
    );
}

#[test]
fn a_part_by_line_number() {
    for lines in ["1:5", "3", ":4", "2:"] {
        SmallBook::with(PAGE, "lib.rs:bake", &format!("lib.rs:{lines}"))
            .assert_faults(
                includes,
                &[&format!(
                    "src/en/README.md:8: \
                     `{{{{#include ../../{CODE}:{lines}}}}}` goes by line \
                     number"
                )],
            );
    }
}

#[test]
fn a_whole_file_with_its_anchor_comments() {
    SmallBook::with(PAGE, "lib.rs:bake", "lib.rs").assert_faults(
        includes,
        &["src/en/README.md:8: \
           `{{#include ../../listings/bakery/src/lib.rs}}` shows the anchor \
           comments of listings/bakery/src/lib.rs; name the part to show, \
           such as `:bake`"],
    );
}

#[test]
fn an_include_in_a_list() {
    let fence = "```rust,ignore\n{{#include";
    let item = "- Look:\n\n  ```rust,ignore\n  {{#include";
    SmallBook::with(PAGE, fence, item).assert_faults(
        includes,
        &["src/en/README.md:10: \
           `{{#include ../../listings/bakery/src/lib.rs:bake}}` is indented"],
    );
}

#[test]
fn another_directive() {
    SmallBook::with(PAGE, "#include", "#rustdoc_include").assert_faults(
        includes,
        &["src/en/README.md:8: this book does not use"],
    );
}

#[test]
fn a_directive_in_shown_code() {
    SmallBook::with(CODE, "Bakes a loaf.", "{{#title Surprise}}")
        .assert_faults(
            includes,
            &["listings/bakery/src/lib.rs:2: a page shows this line, and"],
        );
}

#[test]
fn a_line_that_is_too_long() {
    let long = format!("Bakes a {} loaf.", "very ".repeat(15));
    SmallBook::with(CODE, "Bakes a loaf.", &long).assert_faults(
        includes,
        &["listings/bakery/src/lib.rs:2: a page shows this line"],
    );
}
