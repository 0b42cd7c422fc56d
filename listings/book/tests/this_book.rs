//! All checks on this repository.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use book::{Book, Report, VERSION_TABLE, checks, guide_tables, version_table};
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
        write(VERSION_TABLE, &table);
    }
    Report::of(checks::version_page(&this_book()))
}

#[test]
fn the_tables_of_guides_are_current() -> Result<(), Report> {
    if env::var_os("UPDATE_GOLDEN").is_some() {
        let tables = guide_tables(&this_book());
        for made in tables.unwrap_or_else(|fault| panic!("{fault}")) {
            write(&made.path, &made.text);
        }
    }
    Report::of(checks::tables(&this_book()))
}

fn write(path: &str, text: &str) {
    let file = root().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[test]
fn the_summary_is_complete() -> Result<(), Report> {
    Report::of(checks::structure(&this_book()))
}

#[test]
fn every_guide_is_declared_and_has_its_pages() -> Result<(), Report> {
    Report::of(checks::guides(&this_book()))
}

#[test]
fn every_command_can_be_typed() -> Result<(), Report> {
    Report::of(checks::commands(&this_book()))
}

#[test]
fn every_variable_is_read_by_a_program() -> Result<(), Report> {
    Report::of(checks::variables(&this_book()))
}

#[test]
fn every_setting_is_as_its_table_says() -> Result<(), Report> {
    Report::of(checks::settings(&this_book()))
}

#[test]
fn every_output_is_expected_by_a_test() -> Result<(), Report> {
    Report::of(checks::outputs(&this_book()))
}

#[test]
fn every_figure_is_in_a_measured_table() -> Result<(), Report> {
    Report::of(checks::figures(&this_book()))
}

#[test]
fn every_file_that_a_script_names_is_there() -> Result<(), Report> {
    Report::of(checks::paths(&this_book()))
}

#[test]
fn what_guides_share_names_none() -> Result<(), Report> {
    Report::of(checks::frame(&this_book()))
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
fn every_result_is_as_it_was_measured() -> Result<(), Report> {
    Report::of(checks::results(&this_book()))
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
