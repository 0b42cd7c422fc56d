//! What `scripts/new-guide` makes passes the checks, and changes nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use book::{Book, Fault, checks, guide_tables};
use tempfile::TempDir;
use walkdir::WalkDir;

/// In two pieces, for no file here names a guide.
const NAME: &str = concat!("made", "-by-a-test");

/// Those that look at sources, but for the programs on pages, of which the
/// skeleton has none, and for the table of versions, which needs cargo.
const CHECKS: [fn(&Book) -> Vec<Fault>; 19] = [
    checks::addresses,
    checks::anchors,
    checks::artefacts,
    checks::commands,
    checks::fences,
    checks::figures,
    checks::frame,
    checks::guides,
    checks::includes,
    checks::links,
    checks::outputs,
    checks::paths,
    checks::settings,
    checks::shape,
    checks::sizes,
    checks::structure,
    checks::tables,
    checks::variables,
    checks::versions,
];

/// A copy of this repository, without what programs made of it.
fn copy() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    let made = ["target", ".git", "book", "node_modules"];
    let entries = WalkDir::new(&root)
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let is_made = made.contains(&name.as_ref()) && entry.depth() == 1;
            !is_made && name != "node_modules"
        });
    for entry in entries {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(&root).unwrap();
        let copy = folder.path().join(path);
        if entry.file_type().is_dir() {
            fs::create_dir_all(copy).unwrap();
        } else if entry.file_type().is_file() {
            fs::copy(entry.path(), copy).unwrap();
        }
    }
    folder
}

fn new_guide(root: &Path, arguments: &[&str]) -> Output {
    let script = root.join("scripts/new-guide");
    let output = Command::new(script).arg("--files").args(arguments).output();
    output.unwrap()
}

/// Each file below `root` with what it holds.
fn state(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(root).unwrap().to_owned();
            (path, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_skeleton_of_a_guide_passes_every_check() {
    let copy = copy();
    let before = state(copy.path());
    let output = new_guide(copy.path(), &[NAME, "A guide"]);
    assert!(output.status.success(), "{output:?}");

    let after = state(copy.path());
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(text))
        .map(|(path, _)| path.display().to_string())
        .filter(|path| !path.starts_with(&format!("listings/{NAME}/")))
        .filter(|path| !path.starts_with(&format!("src/en/{NAME}/")))
        .collect();
    assert_eq!(changed, ["src/en/SUMMARY.md"]);

    let book = Book::open(copy.path()).unwrap();
    for made in guide_tables(&book).unwrap() {
        fs::write(copy.path().join(made.path), made.text).unwrap();
    }
    let book = Book::open(copy.path()).unwrap();
    let faults: Vec<_> = CHECKS.iter().flat_map(|check| check(&book)).collect();
    assert_eq!(faults, []);
}

#[test]
fn a_name_that_is_no_name_or_is_taken_makes_nothing() {
    let copy = copy();
    let before = state(copy.path());
    for arguments in [
        &["Capital", "A guide"][..],
        &["under_score", "A guide"],
        &[NAME, "A|guide"],
        &[NAME],
        &["first-trace", "A guide"],
        &[NAME, "A guide", "No such part"],
    ] {
        let output = new_guide(copy.path(), arguments);
        assert!(!output.status.success(), "{arguments:?}");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("error: "), "{error}");
    }
    assert!(before == state(copy.path()), "something changed");
}
