use super::{commands::own, none_seen};
use crate::{
    Book, Fault, Page, Source,
    book::text_files,
    guides::{Listing, listings},
    otel_variables::is_specified,
    packages::{Package, has_word, packages},
    shell,
};

/// Folders whose programs read variables, beside the listings.
const OTHERS: [&str; 2] = ["backends", "scripts"];

/// Each environment variable that a page names is one of the page's program,
/// of a crate or script that guides share, or of OpenTelemetry's
/// specification. A listing names those of other projects in its manifest, as
/// `variables` in `[package.metadata]`.
pub fn variables(book: &Book) -> Vec<Fault> {
    let (packages, listings) = match (packages(book), listings(book)) {
        (Ok(packages), Ok(listings)) => (packages, listings),
        (Err(fault), _) | (_, Err(fault)) => return vec![fault],
    };
    let others = OTHERS.iter().map(|folder| text_files(book, folder));
    let others: Vec<Source> = others.flatten().collect();
    let mut seen = 0;
    let mut faults = Vec::new();
    for page in book.pages.iter().chain(&book.documents) {
        let known = known_to(page, &packages, &listings);
        for (line, name) in named(page) {
            seen += 1;
            let is_known = is_specified(&name)
                || known.iter().any(|package| package.says(&name))
                || others.iter().any(|file| has_word(&file.text, &name));
            if !is_known {
                let what = format!(
                    "nothing that this page is about reads {name}; correct \
                    it, or name it in `variables` of the listing's \
                    `[package.metadata]` if another project reads it"
                );
                faults.push(page.source.fault(line, what));
            }
        }
    }
    faults.extend(none_seen(seen, "variables"));
    faults
}

/// The packages whose settings a page may tell of: its own and those that
/// guides share; on a page of no guide, all.
pub(super) fn known_to<'a>(
    page: &Page,
    packages: &'a [Package<'a>],
    listings: &[Listing<'_>],
) -> Vec<&'a Package<'a>> {
    let own = own(page, packages, listings);
    let is_shared = |package: &Package<'_>| {
        let mut guides = listings.iter().filter(|l| l.script.is_some());
        !guides.any(|listing| listing.name == package.name)
    };
    packages
        .iter()
        .filter(|package| {
            let is_own = own.is_some_and(|own| own.name == package.name);
            own.is_none() || is_own || is_shared(package)
        })
        .filter(|package| package.name != "book" || own.is_none())
        .collect()
}

/// The variables in code of a page, each with its line: words of capitals
/// with a `_` in sentences, and what is set or asked for in commands.
fn named(page: &Page) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, code) in &page.codes {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let words = code.split(|c| !is_part(c));
        let words = words.filter(|word| is_variable(word));
        found.extend(words.map(|word| (*line, word.to_owned())));
    }
    let fences = page.fences.iter().filter(|f| f.language() == "console");
    for fence in fences {
        // What cannot be read is for the check of commands to say.
        let commands = shell::commands(fence.line + 1, &fence.body);
        for command in commands.unwrap_or_default() {
            let set = command.words.iter().filter_map(|w| shell::assignment(w));
            let set = set.map(|(name, _)| name.to_owned());
            let before = command.variables.iter().map(|(name, _)| name.clone());
            let asked = command.words.iter().flat_map(|word| asked(word));
            let all = before.chain(set).chain(asked);
            found.extend(all.map(|name| (command.line, name)));
        }
    }
    found
}

fn is_variable(word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let mut parts = word.split('_');
    word.contains('_')
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && parts.all(|part| !part.is_empty() && part.chars().all(is_part))
}

/// `NAME` in `$NAME` and `${NAME}`.
fn asked(word: &str) -> Vec<String> {
    let after = word.split('$').skip(1);
    after
        .map(|rest| {
            let rest = rest.strip_prefix('{').unwrap_or(rest);
            let is_part = |c: char| {
                c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
            };
            rest.chars().take_while(|c| is_part(*c)).collect::<String>()
        })
        .filter(|name| name.len() > 1)
        .collect()
}
