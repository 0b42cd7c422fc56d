use book::checks::{version_page, versions};

use crate::small_book::SmallBook;

const BAKERY: &str = "listings/bakery/Cargo.toml";
const SHOP: &str = "listings/shop/Cargo.toml";

#[test]
fn a_version_from_the_workspace() {
    SmallBook::with(BAKERY, "version = \"2.0\"", "workspace = true")
        .assert_faults(
            versions,
            &[
                "listings/bakery/Cargo.toml:8: water has its version from the \
               workspace",
            ],
        );
}

#[test]
fn a_version_that_is_not_literal() {
    for version in ["\"*\"", "{ features = [\"warm\"] }"] {
        let book = SmallBook::new();
        book.replace(SHOP, "flour = \"1.2\"", "");
        book.replace(BAKERY, "\"1.2\"", version);
        book.assert_faults(
            versions,
            &["listings/bakery/Cargo.toml:7: flour has no literal version"],
        );
    }
}

#[test]
fn a_crate_from_a_repository() {
    let git = "{ version = \"1.2\", git = \"https://example.org/flour\" }";
    SmallBook::with(BAKERY, "\"1.2\"", git).assert_faults(
        versions,
        &["listings/bakery/Cargo.toml:7: flour comes from a repository"],
    );
}

#[test]
fn a_path_to_no_listing() {
    SmallBook::with(SHOP, "../bakery", "../mill").assert_faults(
        versions,
        &["listings/shop/Cargo.toml:6: bakery has the path listings/mill"],
    );
}

#[test]
fn two_versions_of_a_crate() {
    SmallBook::with(SHOP, "flour = \"1.2\"", "flour = \"1.1\"").assert_faults(
        versions,
        &["listings/shop/Cargo.toml:9: flour is 1.1 here and 1.2 in \
           listings/bakery/Cargo.toml:7"],
    );
}

#[test]
fn two_versions_of_a_renamed_crate() {
    let renamed = "old-flour = { package = \"flour\", version = \"1.1\" }";
    let book = SmallBook::with(SHOP, "flour = \"1.2\"", renamed);
    book.assert_faults(
        versions,
        &["listings/shop/Cargo.toml:9: flour is 1.1 here"],
    );
    // The listing that shows what that does is free to do it.
    let manifest = format!("[dependencies]\n{renamed}\n");
    let book = SmallBook::new();
    book.write("listings/pitfalls/Cargo.toml", &manifest);
    book.assert_faults(versions, &[]);
}

#[test]
fn a_manifest_that_is_not_toml() {
    SmallBook::with(SHOP, "[dependencies]", "[dependencies").assert_faults(
        versions,
        &["listings/shop/Cargo.toml:5: this is not TOML"],
    );
}

#[test]
fn a_stale_table() {
    SmallBook::with("Cargo.lock", "1.2.3", "1.2.4").assert_faults(
        version_page,
        &["listings/book/generated/versions.md:5: says “| [flour]\
           (https://docs.rs/flour/1.2.3) | 1.2.3 | `bakery`, `shop` |”, but \
           Cargo.lock and the manifests say “| [flour]\
           (https://docs.rs/flour/1.2.4) | 1.2.4 | `bakery`, `shop` |”"],
    );
}

#[test]
fn a_table_that_goes_on() {
    let last = "| 2.0.0 | `bakery` |\n";
    let more = format!("{last}| yeast | 1.0.0 | `bakery` |\n");
    SmallBook::with("listings/book/generated/versions.md", last, &more)
        .assert_faults(
            version_page,
            &["listings/book/generated/versions.md:7: says “| yeast"],
        );
    let blank = format!("{last}\n");
    SmallBook::with("listings/book/generated/versions.md", last, &blank)
        .assert_faults(
            version_page,
            &["listings/book/generated/versions.md:7: says “”, but \
               Cargo.lock and the manifests say “nothing more”"],
        );
}

#[test]
fn another_rust() {
    SmallBook::with("rust-toolchain.toml", "1.95.0", "1.96.0").assert_faults(
        version_page,
        &["listings/book/generated/versions.md:1: says “Rust 1.95.0"],
    );
}

#[test]
fn a_lock_file_that_is_behind() {
    SmallBook::with("Cargo.lock", " \"water 2.0.0\",\n", "").assert_faults(
        version_page,
        &["Cargo.lock:1: has no water for bakery; run `cargo check \
           --package bakery`"],
    );
}

#[test]
fn a_page_without_the_table() {
    SmallBook::with("src/en/versions.md", "{{#include", "{{include")
        .assert_faults(
            version_page,
            &["src/en/versions.md:1: does not show the table of versions"],
        );
}
