use super::none_seen;
use crate::{Book, Fault, Source, book::text_files};

/// Folders of ours that a script may name.
const FOLDERS: [&str; 4] = ["backends/", "listings/", "peers/", "scripts/"];

/// Each file that a script names is there.
pub fn paths(book: &Book) -> Vec<Fault> {
    let scripts = text_files(book, "scripts").into_iter();
    let scripts = scripts
        .filter(|file| !file.path.starts_with("scripts/skeleton/"))
        .filter(|file| !["json", "txt"].contains(&file.extension()));
    let of_listings = book.listings.iter().filter(|f| f.extension() == "sh");
    let mut seen = 0;
    let mut faults = Vec::new();
    for file in scripts.chain(of_listings.cloned()) {
        for (line, path) in named(&file) {
            seen += 1;
            if !book.root().join(path).exists() {
                let what = format!("there is no {path}; correct the path");
                faults.push(file.fault(line, what));
            }
        }
    }
    faults.extend(none_seen(seen, "files that scripts name"));
    faults
}

/// The paths in a script, but for those with a variable, a pattern, or a word
/// in capitals for which another one stands.
fn named(file: &Source) -> Vec<(usize, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        for folder in FOLDERS {
            for (at, _) in line.match_indices(folder) {
                let rest = &line[at..];
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let path = rest[..end].trim_end_matches(['.', '/']);
                let before = line[..at].trim_end_matches("$root/");
                let is_open = rest[end..].starts_with(['$', '*', '{', '[']);
                let is_placeholder = |part: &str| {
                    part.len() > 1 && part.chars().all(|c| c.is_uppercase())
                };
                if !is_open
                    && !before.ends_with(is_part)
                    && !path.split('/').any(is_placeholder)
                {
                    found.push((number, path));
                }
            }
        }
    }
    found
}
