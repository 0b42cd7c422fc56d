//! All checks on this repository.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use book::{Book, Report, VERSION_TABLE, checks, version_table};
use tempfile::TempDir;

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

fn this_book() -> Book {
    Book::open(root()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_address_of_this_repository_is_right() -> Result<(), Report> {
    Report::of(checks::addresses(&this_book()))
}

#[test]
fn every_include_finds_its_file_and_anchor() -> Result<(), Report> {
    Report::of(checks::includes(&this_book()))
}

#[test]
fn every_anchor_is_whole_and_shown() -> Result<(), Report> {
    Report::of(checks::anchors(&this_book()))
}

#[test]
fn every_fence_says_what_it_holds() -> Result<(), Report> {
    Report::of(checks::fences(&this_book()))
}

#[test]
fn every_program_on_a_page_runs() -> Result<(), Report> {
    Report::of(checks::programs(&this_book()))
}

#[test]
fn all_listings_use_the_same_literal_versions() -> Result<(), Report> {
    Report::of(checks::versions(&this_book()))
}

#[test]
fn the_page_of_versions_is_current() -> Result<(), Report> {
    if env::var_os("UPDATE_GOLDEN").is_some() {
        let table = version_table(&this_book());
        let table = table.unwrap_or_else(|fault| panic!("{fault}"));
        let file = root().join(VERSION_TABLE);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, table).unwrap();
    }
    Report::of(checks::version_page(&this_book()))
}

#[test]
fn the_summary_and_the_guides_are_complete() -> Result<(), Report> {
    Report::of(checks::structure(&this_book()))
}

#[test]
fn every_page_is_well_shaped() -> Result<(), Report> {
    Report::of(checks::shape(&this_book()))
}

#[test]
fn every_link_leads_somewhere() -> Result<(), Report> {
    Report::of(checks::links(&this_book()))
}

#[test]
fn every_artefact_is_shown() -> Result<(), Report> {
    Report::of(checks::artefacts(&this_book()))
}

#[test]
fn no_test_asserts_that_something_was_fast() -> Result<(), Report> {
    Report::of(checks::clocks(&this_book()))
}

#[test]
fn every_listing_is_short() -> Result<(), Report> {
    Report::of(checks::sizes(&this_book()))
}

/// `BOOK_HTML` names a site that is built already.
#[test]
fn the_built_site_is_whole() -> Result<(), Report> {
    let book = this_book();
    match env::var_os("BOOK_HTML") {
        Some(site) => Report::of(checks::site(&book, Path::new(&site))),
        None => {
            let site = build(book.root());
            Report::of(checks::site(&book, site.path()))
        }
    }
}

/// The front door of the repository shows a trace, too.
#[test]
fn the_readme_shows_the_golden_trace() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let trace = read("listings/first-trace/traces/order.txt");
    assert!(
        read("README.md").contains(&trace),
        "README.md:1: the trace is not that of order.txt; copy it:\n{trace}"
    );
}

fn build(root: &Path) -> TempDir {
    let site = tempfile::tempdir().unwrap();
    let output = Command::new(root.join("scripts/build"))
        .arg(site.path())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "scripts/build failed:\n{log}");
    // mdBook reports a missing file as an error and exits 0 all the same.
    assert!(!log.contains("ERROR"), "mdbook complained:\n{log}");
    site
}
