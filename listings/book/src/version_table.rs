use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use toml::de::DeTable;

use crate::{
    Book, Fault, Source,
    manifest::{Manifest, manifests, parse_toml},
};

/// The file with the table of [`version_table`], which `src/en/versions.md`
/// includes.
pub const VERSION_TABLE: &str = "listings/book/generated/versions.md";

/// The listing that shows what two versions of a crate do to each other. Its
/// renamed dependencies are meant to differ.
pub(crate) const CLASHES: &str = "pitfalls";

/// Makes the table of the crates that the listings use, each with the version
/// in `Cargo.lock` and the listings that use it.
///
/// # Errors
///
/// When `Cargo.lock`, `rust-toolchain.toml` or a manifest cannot be read, or
/// `Cargo.lock` lacks a dependency of a manifest.
pub fn version_table(book: &Book) -> Result<String, Fault> {
    let lock_file = required(book, "Cargo.lock")?;
    let lock = Lock::parse(&lock_file)?;
    let mut users: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let manifests = manifests(book)?;
    for manifest in &manifests {
        for package in registry_packages(manifest) {
            let version = lock.version(manifest.listing, package)?;
            let listings = users.entry((package, version)).or_default();
            listings.insert(manifest.listing);
        }
    }
    let mut table = format!(
        "Rust {}, from `rust-toolchain.toml`.\n\n\
         | Crate | Version | Used by |\n\
         | --- | --- | --- |\n",
        rust_version(&required(book, "rust-toolchain.toml")?)?,
    );
    for ((package, version), listings) in users {
        let listings: Vec<_> =
            listings.iter().map(|name| format!("`{name}`")).collect();
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            table,
            "| [{package}](https://docs.rs/{package}/{version}) | {version} \
            | {} |",
            listings.join(", ")
        );
    }
    Ok(table)
}

/// The crates that a listing has from crates.io.
fn registry_packages<'a>(
    manifest: &'a Manifest<'_>,
) -> impl Iterator<Item = &'a str> {
    let clashes = manifest.listing == CLASHES;
    manifest
        .dependencies
        .iter()
        .filter(move |dependency| dependency.path.is_none())
        .filter(move |dependency| !(clashes && dependency.is_renamed))
        .map(|dependency| dependency.package.as_str())
}

fn required(book: &Book, path: &str) -> Result<Source, Fault> {
    Source::read(book.root(), path).map_err(|error| Fault {
        file: path.to_owned(),
        line: 1,
        what: format!("the table of versions needs this file: {error}"),
    })
}

fn rust_version(source: &Source) -> Result<String, Fault> {
    let top = parse_toml(source)?;
    let channel = top.get("toolchain").and_then(|toolchain| {
        toolchain.as_ref().get("channel")?.as_ref().as_str()
    });
    channel.map(str::to_owned).ok_or_else(|| {
        source.fault(1, "name the Rust version: `[toolchain]`, `channel = …`")
    })
}

/// What `Cargo.lock` says.
struct Lock<'a> {
    source: &'a Source,
    packages: Vec<Package>,
}

struct Package {
    name: String,
    version: String,
    /// `name`, or `name version` where the lock file has several of a name.
    dependencies: Vec<String>,
}

impl<'a> Lock<'a> {
    fn parse(source: &'a Source) -> Result<Self, Fault> {
        let top = parse_toml(source)?;
        let packages = top
            .get("package")
            .and_then(|packages| packages.as_ref().as_array())
            .into_iter()
            .flatten()
            .filter_map(|package| Package::parse(package.as_ref().as_table()?))
            .collect();
        Ok(Self { source, packages })
    }

    /// The version of `package` that `listing` is built with.
    fn version(&self, listing: &str, package: &str) -> Result<&str, Fault> {
        let of_name =
            |name: &str| self.packages.iter().find(|known| known.name == name);
        let named = of_name(listing)
            .into_iter()
            .flat_map(|listing| &listing.dependencies)
            .find_map(|dependency| {
                let rest = dependency.strip_prefix(package)?;
                match rest.strip_prefix(' ') {
                    Some(version) => version.split(' ').next(),
                    None if rest.is_empty() => {
                        Some(of_name(package)?.version.as_str())
                    }
                    None => None,
                }
            });
        named.ok_or_else(|| {
            let what = format!(
                "has no {package} for {listing}; run `cargo check --package \
                {listing}`"
            );
            self.source.fault(1, what)
        })
    }
}

impl Package {
    fn parse(table: &DeTable<'_>) -> Option<Self> {
        let text = |key: &str| table.get(key)?.as_ref().as_str();
        let dependencies = table
            .get("dependencies")
            .and_then(|value| value.as_ref().as_array())
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_ref().as_str())
            .map(str::to_owned)
            .collect();
        Some(Self {
            name: text("name")?.to_owned(),
            version: text("version")?.to_owned(),
            dependencies,
        })
    }
}
