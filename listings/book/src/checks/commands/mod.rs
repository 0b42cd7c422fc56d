mod cargo;
mod curl;
mod scripts;

use super::none_seen;
use crate::{
    Book, Fault, Page,
    book::text_files,
    guides::{Listing, listings},
    packages::{Package, has_word, packages},
    shell::{self, Command},
};

/// Commands of other projects, by how they begin: nobody here knows whether
/// they are right. What they name of ours is checked all the same.
const FOREIGN: [&[&str]; 7] = [
    &["docker", "compose"],
    &["echo"],
    &["export"],
    &["jq"],
    &["pg_resetwal"],
    &["python3", "-m", "venv"],
    &[".venv/bin/pip", "install"],
];
/// The same, by how their program ends.
const FOREIGN_PROGRAMS: [&str; 1] = ["/rotel-agent"];
/// The folders of ours that a command may name.
const FOLDERS: [&str; 5] =
    ["backends/", "listings/", "peers/", "scripts/", "src/"];
/// How a command in a sentence begins.
const IN_PROSE: [&str; 3] = ["cargo ", "curl ", "scripts/"];

/// What a command may name.
struct Place<'a> {
    book: &'a Book,
    packages: &'a [Package<'a>],
    listings: &'a [Listing<'a>],
    /// The package whose guide the page belongs to.
    own: Option<&'a Package<'a>>,
}

impl<'a> Place<'a> {
    fn package(&self, name: &str) -> Result<&'a Package<'a>, String> {
        let mut packages = self.packages.iter();
        packages
            .find(|package| package.name == name)
            .ok_or_else(|| format!("there is no package {name}"))
    }
}

/// Each command that a page tells a reader to type names scripts, packages,
/// targets, tests, options, files and routes that exist.
pub fn commands(book: &Book) -> Vec<Fault> {
    let (packages, listings) = match (packages(book), listings(book)) {
        (Ok(packages), Ok(listings)) => (packages, listings),
        (Err(fault), _) | (_, Err(fault)) => return vec![fault],
    };
    let mut seen = 0;
    let mut faults = Vec::new();
    for page in book.pages.iter().chain(&book.documents) {
        let place = Place {
            book,
            packages: &packages,
            listings: &listings,
            own: own(page, &packages, &listings),
        };
        for (line, text) in typed(page) {
            let commands = shell::commands(line, &text).unwrap_or_else(|at| {
                let what = "the check of commands cannot read this; write it \
                    with plain words, quotes and pipes";
                faults.push(page.source.fault(at, what));
                Vec::new()
            });
            seen += commands.len();
            for command in commands {
                let wrong = wrong_with(&place, &command).into_iter();
                faults.extend(
                    wrong.map(|what| page.source.fault(command.line, what)),
                );
            }
        }
    }
    faults.extend(none_seen(seen, "commands"));
    faults
}

/// The package that a page is about.
pub(super) fn own<'a>(
    page: &Page,
    packages: &'a [Package<'a>],
    listings: &[Listing<'_>],
) -> Option<&'a Package<'a>> {
    let path = page.source.path.as_str();
    let is_about = |name: &str| {
        let readme = format!("listings/{name}/README.md");
        let listing = listings.iter().find(|listing| listing.name == name);
        let mut folders = listing.into_iter().flat_map(Listing::folders);
        path == readme
            || folders.any(|f| path.starts_with(&format!("{}/", f.path())))
    };
    packages.iter().find(|package| is_about(&package.name))
}

/// The texts with commands: whole blocks, and code in sentences.
fn typed(page: &Page) -> Vec<(usize, String)> {
    let shells = ["bash", "console", "sh", "shell"];
    let blocks = page
        .fences
        .iter()
        .filter(|fence| shells.contains(&fence.language()))
        .map(|fence| (fence.line + 1, fence.body.clone()));
    let in_prose = page.codes.iter().filter(|(_, code)| {
        let bare = code.split(' ').find(|w| shell::assignment(w).is_none());
        let start = bare.and_then(|word| code.find(word)).unwrap_or_default();
        IN_PROSE
            .iter()
            .any(|begin| code[start..].starts_with(begin))
            && *code != "scripts/"
    });
    blocks.chain(in_prose.cloned()).collect()
}

fn wrong_with(place: &Place<'_>, command: &Command) -> Vec<String> {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let mut wrong = paths(place, &words);
    wrong.extend(pinned(place, &words));
    match words.as_slice() {
        [] => {}
        ["cargo", rest @ ..] => wrong.extend(cargo::check(place, rest)),
        // `xargs -I NAME COMMAND`.
        ["xargs", "-I", _, rest @ ..] => {
            let words = rest.iter().map(|word| (*word).to_owned()).collect();
            let command = Command {
                words,
                ..Command::default()
            };
            wrong = wrong_with(place, &command);
        }
        ["curl", rest @ ..] => wrong.extend(curl::check(place, rest)),
        [program, rest @ ..] if program.starts_with("scripts/") => {
            wrong.extend(scripts::check(place, program, rest));
        }
        [program, ..]
            if FOREIGN.iter().any(|known| words.starts_with(known))
                || FOREIGN_PROGRAMS.iter().any(|p| program.ends_with(p)) => {}
        [program, ..] => wrong.push(format!(
            "no check knows the command {program}; correct it, or add it to \
            those in listings/book/src/checks/commands"
        )),
    }
    wrong
}

/// Files of this repository that a command names.
fn paths(place: &Place<'_>, words: &[&str]) -> Vec<String> {
    words
        .iter()
        .filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)))
        .filter(|word| !word.split('/').any(is_placeholder))
        .filter(|word| !place.book.root().join(word).exists())
        .map(|word| format!("there is no {word}; correct the path"))
        .collect()
}

/// Packages of other projects have the versions that our scripts install.
fn pinned(place: &Place<'_>, words: &[&str]) -> Vec<String> {
    let is_ours = |word: &str| {
        let folders = ["backends", "scripts"].iter();
        let mut files = folders.flat_map(|f| text_files(place.book, f));
        files.any(|file| has_word(&file.text, word))
    };
    words
        .iter()
        .filter(|word| word.contains("==") && !is_ours(word))
        .map(|word| format!("no script of ours installs {word}"))
        .collect()
}

/// A word in capitals, for which a reader puts another.
fn is_placeholder(word: &str) -> bool {
    let is_capital = |c: char| c.is_ascii_uppercase() || c == '_';
    word.len() > 1 && word.chars().all(is_capital)
}

/// `--name` and perhaps the value of `--name=value`.
fn option(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    }
}
