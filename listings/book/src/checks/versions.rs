use std::collections::BTreeMap;

use super::{none_seen, tables::stale};
use crate::{
    Book, Fault,
    book::PAGES,
    manifest::{Dependency, Manifest, manifests},
    source::resolve,
    version_table::{CLASHES, VERSION_TABLE, version_table},
};

/// Every listing spells out the versions it needs, and all listings need the
/// same one of each crate, so that a reader can copy any two of them.
pub fn versions(book: &Book) -> Vec<Fault> {
    let manifests = match manifests(book) {
        Ok(manifests) => manifests,
        Err(fault) => return vec![fault],
    };
    let mut faults = Vec::new();
    let mut first: BTreeMap<&str, (&Manifest<'_>, &Dependency)> =
        BTreeMap::new();
    for manifest in &manifests {
        for dependency in &manifest.dependencies {
            if let Some(what) = wrong_with(book, manifest, dependency) {
                faults.push(manifest.source.fault(dependency.line, what));
            }
            if manifest.listing == CLASHES && dependency.is_renamed {
                continue;
            }
            let package = dependency.package.as_str();
            let (other, before) =
                *first.entry(package).or_insert((manifest, dependency));
            if dependency.version != before.version {
                faults.push(manifest.source.fault(
                    dependency.line,
                    format!(
                        "{package} is {} here and {} in {}:{}; write the \
                        same version in both",
                        requirement(dependency),
                        requirement(before),
                        other.source.path,
                        before.line
                    ),
                ));
            }
        }
    }
    faults.extend(none_seen(first.len(), "dependencies"));
    faults
}

fn requirement(dependency: &Dependency) -> &str {
    dependency.version.as_deref().unwrap_or("without a version")
}

fn wrong_with(
    book: &Book,
    manifest: &Manifest<'_>,
    dependency: &Dependency,
) -> Option<String> {
    let package = &dependency.package;
    if dependency.is_inherited {
        return Some(format!(
            "{package} has its version from the workspace, which a reader \
            who copies this listing has not; write the version here"
        ));
    }
    if dependency.has_git {
        return Some(format!(
            "{package} comes from a repository that may change or vanish; \
            use a version from crates.io"
        ));
    }
    match (&dependency.path, &dependency.version) {
        (Some(path), _) => {
            let path = resolve(&manifest.source.path, path).unwrap_or_default();
            let is_listing = book.has_file(&format!("{path}/Cargo.toml"));
            (!is_listing).then(|| {
                format!(
                    "{package} has the path {path}, where there is no listing; \
                correct it"
                )
            })
        }
        (None, Some(version))
            if version
                .starts_with(|c: char| c.is_ascii_digit() || c == '=') =>
        {
            None
        }
        (None, _) => Some(format!(
            "{package} has no literal version; write one, such as \"1.2\""
        )),
    }
}

/// The page of versions shows the table made from `Cargo.lock`.
///
/// `UPDATE_GOLDEN=1 cargo test --package book` writes the table anew.
pub fn version_page(book: &Book) -> Vec<Fault> {
    let page = format!("{PAGES}/versions.md");
    let made = match version_table(book) {
        Ok(made) => made,
        Err(fault) => return vec![fault],
    };
    let truth = "Cargo.lock and the manifests say";
    let stale = stale(book, VERSION_TABLE, &made, truth);
    let is_shown = book.page(&page).is_some()
        && book.shown().contains(&(VERSION_TABLE.to_owned(), None));
    let missing = (!is_shown).then(|| Fault {
        file: page,
        line: 1,
        what: format!(
            "does not show the table of versions; include {VERSION_TABLE}"
        ),
    });
    stale.into_iter().chain(missing).collect()
}
