use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{Book, Fault, Source, book::LISTINGS};

/// The tables of a manifest that hold dependencies.
const TABLES: [&str; 3] =
    ["dependencies", "dev-dependencies", "build-dependencies"];

/// The `Cargo.toml` of a listing.
#[derive(Debug)]
pub(crate) struct Manifest<'a> {
    pub(crate) source: &'a Source,
    /// The folder below `listings`.
    pub(crate) listing: &'a str,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A line of a dependency table.
#[derive(Debug, Default)]
pub(crate) struct Dependency {
    pub(crate) line: usize,
    /// The crate's own name, whatever the listing calls it.
    pub(crate) package: String,
    /// Whether the listing calls it otherwise, by `package = "…"`.
    pub(crate) is_renamed: bool,
    pub(crate) version: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) has_git: bool,
    pub(crate) is_inherited: bool,
}

/// The manifests of all listings, or what keeps them from being read.
pub(crate) fn manifests(book: &Book) -> Result<Vec<Manifest<'_>>, Fault> {
    book.listings
        .iter()
        .filter_map(|source| {
            let inside = source.path.strip_prefix(LISTINGS)?;
            let listing = inside.strip_prefix('/')?;
            Some((source, listing.strip_suffix("/Cargo.toml")?))
        })
        .map(|(source, listing)| Manifest::parse(source, listing))
        .collect()
}

/// Reads TOML; an error is a fault with its line.
pub(crate) fn parse_toml(source: &Source) -> Result<DeTable<'_>, Fault> {
    DeTable::parse(&source.text)
        .map(Spanned::into_inner)
        .map_err(|error| {
            let Range { start, .. } = error.span().unwrap_or_default();
            let what = format!("this is not TOML: {}", error.message());
            source.fault(source.line_at(start), what)
        })
}

impl<'a> Manifest<'a> {
    fn parse(source: &'a Source, listing: &'a str) -> Result<Self, Fault> {
        let top = parse_toml(source)?;
        let targets = table(&top, "target").into_iter().flatten();
        let below =
            targets.filter_map(|(_, target)| target.as_ref().as_table());
        let dependencies = std::iter::once(&top)
            .chain(below)
            .flat_map(|parent| TABLES.map(|name| table(parent, name)))
            .flatten()
            .flatten()
            .map(|(name, value)| {
                let line = source.line_at(name.span().start);
                dependency(line, name.as_ref(), value.as_ref())
            })
            .collect();
        Ok(Self {
            source,
            listing,
            dependencies,
        })
    }
}

fn table<'a, 'i>(
    parent: &'a DeTable<'i>,
    name: &str,
) -> Option<&'a DeTable<'i>> {
    parent.get(name)?.as_ref().as_table()
}

fn dependency(line: usize, name: &str, value: &DeValue<'_>) -> Dependency {
    let text = |key: &str| {
        let value = value.get(key)?.as_ref().as_str()?;
        Some(value.to_owned())
    };
    let renamed = text("package");
    Dependency {
        line,
        is_renamed: renamed.is_some(),
        package: renamed.unwrap_or_else(|| name.to_owned()),
        version: value.as_str().map(str::to_owned).or(text("version")),
        path: text("path"),
        has_git: value.get("git").is_some(),
        is_inherited: value.get("workspace").is_some(),
    }
}
