use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeTable;

use crate::{
    Book, Fault, Source,
    manifest::{manifests, parse_toml},
};

/// What cargo can build, run and test of a listing.
#[derive(Debug)]
pub(crate) struct Package<'a> {
    pub(crate) name: String,
    /// All its text files.
    pub(crate) files: Vec<&'a Source>,
    /// Kind of target, as its option is called, and name.
    pub(crate) targets: BTreeMap<(&'static str, String), Target>,
    pub(crate) features: BTreeSet<String>,
    pub(crate) has_default_run: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Target {
    /// The features without which cargo does not build it.
    pub(crate) needs: Vec<String>,
}

/// Where cargo looks for targets of a kind.
const FOLDERS: [(&str, &str); 4] = [
    ("bin", "src/bin/"),
    ("test", "tests/"),
    ("bench", "benches/"),
    ("example", "examples/"),
];

/// The packages of all listings.
pub(crate) fn packages(book: &Book) -> Result<Vec<Package<'_>>, Fault> {
    let manifests = manifests(book)?;
    manifests
        .iter()
        .map(|manifest| read(book, manifest.listing, manifest.source))
        .collect()
}

fn read<'a>(
    book: &'a Book,
    listing: &str,
    manifest: &'a Source,
) -> Result<Package<'a>, Fault> {
    let top = parse_toml(manifest)?;
    let within = format!("listings/{listing}/");
    let files: Vec<_> = book
        .listings
        .iter()
        .filter(|file| file.path.starts_with(&within))
        .collect();
    let mut targets = BTreeMap::new();
    for file in &files {
        let path = &file.path[within.len()..];
        if path == "src/main.rs" {
            let key = ("bin", listing.to_owned());
            targets.insert(key, Target::default());
        }
        for (kind, folder) in FOLDERS {
            let name = path.strip_prefix(folder).and_then(|rest| {
                let rest = rest.strip_suffix(".rs")?;
                let name = rest.strip_suffix("/main").unwrap_or(rest);
                (!name.contains('/')).then(|| name.to_owned())
            });
            if let Some(name) = name {
                targets.insert((kind, name), Target::default());
            }
        }
    }
    for (kind, _) in FOLDERS {
        targets.extend(declared(&top, kind));
    }
    let package = top.get("package");
    let run = package.and_then(|package| package.as_ref().get("default-run"));
    let has_default_run = run.is_some();
    Ok(Package {
        name: listing.to_owned(),
        files,
        targets,
        features: features(&top),
        has_default_run,
    })
}

/// The targets that the manifest names itself, as `[[test]]`.
fn declared<'a>(
    top: &'a DeTable<'_>,
    kind: &'static str,
) -> impl Iterator<Item = ((&'static str, String), Target)> + 'a {
    let tables = top.get(kind).and_then(|tables| tables.as_ref().as_array());
    tables.into_iter().flatten().filter_map(move |table| {
        let name = table.as_ref().get("name")?.as_ref().as_str()?;
        let needs = table.as_ref().get("required-features");
        let needs = needs.and_then(|needs| needs.as_ref().as_array());
        let needs = needs
            .into_iter()
            .flatten()
            .filter_map(|feature| Some(feature.as_ref().as_str()?.to_owned()));
        let needs = needs.collect();
        Some(((kind, name.to_owned()), Target { needs }))
    })
}

/// Those of `[features]`, and optional dependencies.
fn features(top: &DeTable<'_>) -> BTreeSet<String> {
    let names = |table: &str| {
        let table = top.get(table).and_then(|table| table.as_ref().as_table());
        table.into_iter().flatten()
    };
    let optional = names("dependencies")
        .filter(|(_, value)| value.as_ref().get("optional").is_some());
    names("features")
        .chain(optional)
        .map(|(name, _)| name.as_ref().to_string())
        .collect()
}

impl Package<'_> {
    /// The names of its targets of a kind.
    pub(crate) fn names(&self, kind: &str) -> Vec<&str> {
        let targets = self.targets.keys();
        targets
            .filter(|(known, _)| *known == kind)
            .map(|(_, name)| name.as_str())
            .collect()
    }

    /// Whether one of its files has `word`, with no letter next to it. Pages
    /// and what programs printed do not count: they say so, too.
    pub(crate) fn says(&self, word: &str) -> bool {
        self.files
            .iter()
            .filter(|file| !["md", "svg", "txt"].contains(&file.extension()))
            .any(|file| has_word(&file.text, word))
    }

    /// The full names of the tests of a target, or of all targets.
    pub(crate) fn tests(&self, target: Option<&str>) -> Vec<String> {
        let root = format!("listings/{}/", self.name);
        let files = self.files.iter().filter(|f| f.extension() == "rs");
        files
            .filter_map(|file| Some((file, file.path.strip_prefix(&root)?)))
            .filter(|(_, path)| match target {
                None => true,
                Some(name) => {
                    let path = path.strip_prefix("tests/").unwrap_or_default();
                    let rest = path.strip_prefix(name).unwrap_or_default();
                    rest == ".rs" || rest.starts_with('/')
                }
            })
            .flat_map(|(file, path)| tests_of(file, path))
            .collect()
    }
}

/// The tests of a file, each with the modules that lead to it.
fn tests_of(file: &Source, path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs");
    let mut modules: Vec<&str> = path.split('/').skip(1).collect();
    if path.starts_with("tests/") {
        modules.remove(0);
    }
    modules.retain(|name| !["main", "mod", "lib"].contains(name));
    let mut is_test = false;
    let mut found = Vec::new();
    for (_, line) in file.lines() {
        let line = line.trim();
        if line.starts_with("mod ") && line.ends_with('{') {
            let name = line[4..].trim_end_matches(['{', ' ']);
            modules.push(name);
        }
        if line.starts_with("#[") {
            is_test |= line.contains("test]") || line.contains("test(");
        } else if let Some(name) = function(line) {
            if std::mem::take(&mut is_test) {
                let parts = modules.iter().copied().chain([name]);
                found.push(parts.collect::<Vec<_>>().join("::"));
            }
        } else if !line.is_empty() && !line.starts_with("//") {
            is_test = false;
        }
    }
    found
}

/// The name in `async fn name(`.
fn function(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("fn ")?;
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_ ()".contains(c);
    let (name, _) = rest.split_once(['(', '<'])?;
    before.chars().all(is_word).then_some(name)
}

/// Whether `text` has `word` with no letter, digit or `_` beside it.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(start, _)| {
        let end = start + word.len();
        !text[..start].ends_with(is_part) && !text[end..].starts_with(is_part)
    })
}

/// Whether the source has `--name`, or a field that clap makes it from.
pub(crate) fn has_option(package: &Package<'_>, name: &str) -> bool {
    let bare = name.trim_start_matches('-');
    let field = format!("{}:", bare.replace('-', "_"));
    let mut source = package.files.iter().filter(|f| f.extension() == "rs");
    source.any(|file| {
        let mut after_arg = false;
        file.text.contains(&format!("\"{name}\""))
            || file.text.contains(&format!("long = \"{bare}\""))
            || file.lines().any(|(_, line)| {
                let line = line.trim().trim_start_matches("pub(crate) ");
                let line = line.trim_start_matches("pub ");
                let is_field = after_arg && line.starts_with(&field);
                let is_attribute = line.starts_with("#[");
                after_arg |= is_attribute && has_word(line, "long");
                after_arg &= is_attribute || line.ends_with(',') && !is_field;
                is_field
            })
    })
}
