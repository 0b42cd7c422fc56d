use book::checks::fences;

use crate::small_book::SmallBook;

const PAGE: &str = "src/en/README.md";

#[test]
fn a_fence_without_a_language() {
    SmallBook::with(PAGE, "```console", "```").assert_faults(
        fences,
        &["src/en/README.md:33: the fence names no language"],
    );
}

#[test]
fn code_outside_a_fence() {
    let book = SmallBook::with(PAGE, "```rust,ignore", "");
    book.replace(PAGE, "rs:bake}}\n```", "rs:bake}}");
    book.assert_faults(
        fences,
        &["src/en/README.md:8: \
           `{{#include ../../listings/bakery/src/lib.rs:bake}}` is not in a \
           fence"],
    );
}

#[test]
fn an_indented_block() {
    SmallBook::with(PAGE, "A whole program:", "    cargo run").assert_faults(
        fences,
        &["src/en/README.md:25: an indented block has no language"],
    );
}

#[test]
fn rust_typed_on_the_page() {
    let include = "{{#include ../../listings/bakery/src/lib.rs:bake}}";
    let typed = format!("use std::fmt;\n{include}");
    for text in ["fn bake() {}", &typed] {
        SmallBook::with(PAGE, include, text).assert_faults(
            fences,
            &["src/en/README.md:7: nothing compiles the Rust typed here"],
        );
    }
}

#[test]
fn a_program_without_main() {
    SmallBook::with(PAGE, "fn main()", "fn bake()").assert_faults(
        fences,
        &["src/en/README.md:27: a `rust` fence is a whole program"],
    );
}

#[test]
fn a_program_that_is_not_run() {
    for mark in ["no_run", "should_panic", "edition2024", "compile_fail"] {
        SmallBook::with(PAGE, "```rust\n", &format!("```rust,{mark}\n"))
            .assert_faults(
                fences,
                &["src/en/README.md:27: write `rust` for a whole program"],
            );
    }
}

#[test]
fn included_rust_with_another_mark() {
    for mark in ["rust", "text", "rust,no_run"] {
        SmallBook::with(PAGE, "```rust,ignore", &format!("```{mark}"))
            .assert_faults(
                fences,
                &["src/en/README.md:7: write `rust,ignore` for included Rust"],
            );
    }
}

#[test]
fn a_prompt() {
    SmallBook::with(PAGE, "cargo run", "$ cargo run").assert_faults(
        fences,
        &["src/en/README.md:34: whoever copies this line copies the `$ `"],
    );
}

#[test]
fn a_listing_without_its_file_name() {
    SmallBook::with(PAGE, "**`listings/bakery/src/lib.rs`**\n", "")
        .assert_faults(
            fences,
            &["src/en/README.md:6: the listing has no file name; write \
               **`listings/bakery/src/lib.rs`** on the line above"],
        );
}

#[test]
fn a_listing_with_another_file_name() {
    SmallBook::with(PAGE, "**`src/lib.rs`**", "**`src/main.rs`**")
        .assert_faults(
            fences,
            &["src/en/README.md:15: the line above says src/main.rs, but \
               the fence shows listings/bakery/src/lib.rs"],
        );
}

#[test]
fn output_with_another_file_name() {
    let fence = "```text\n{{";
    SmallBook::with(PAGE, fence, &format!("**`traces/old.txt`**\n\n{fence}"))
        .assert_faults(
            fences,
            &["src/en/README.md:39: the line above says traces/old.txt"],
        );
}
