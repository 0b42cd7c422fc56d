use super::{commands::own, none_seen};
use crate::{
    Book, Fault, Page,
    guides::listings,
    packages::{Package, has_word, packages},
    page::Fence,
};

/// Languages that other checks hold against the truth.
const CHECKED: [&str; 6] =
    ["bash", "console", "mermaid", "rust", "sh", "shell"];
/// Words of SQL, and what PostgreSQL's own catalogue says.
const SQL: &str = "and asc backend_xid by datname days delete desc from in \
    insert interval into is limit not now null or order pg_stat_activity pid \
    query select set state update values where xact_start";

/// What a program printed, or a file says, is included, or stands word for
/// word in a file of a listing: a test that expects it. Abridged JSON, with a
/// `…`, and SQL have no words that their program does not know.
pub fn outputs(book: &Book) -> Vec<Fault> {
    let (packages, listings) = match (packages(book), listings(book)) {
        (Ok(packages), Ok(listings)) => (packages, listings),
        (Err(fault), _) | (_, Err(fault)) => return vec![fault],
    };
    let mut seen = 0;
    let mut faults = Vec::new();
    for page in &book.pages {
        let own = own(page, &packages, &listings);
        for fence in typed(page) {
            seen += 1;
            let text = plain(&fence.body);
            let mut files = book.listings.iter();
            let is_tested = files.any(|file| {
                file.extension() != "md" && plain(&file.text).contains(&text)
            });
            let what = match fence.language() {
                _ if is_tested => None,
                "sql" => unknown(own, &text, SQL),
                "json" if text.contains('…') => unknown(own, &text, ""),
                _ => Some(
                    "no test of a listing has this text, so it may be out of \
                    date; include a file that a test compares, or let a test \
                    expect just this"
                        .to_owned(),
                ),
            };
            faults.extend(what.map(|what| page.source.fault(fence.line, what)));
        }
    }
    faults.extend(none_seen(seen, "typed outputs"));
    faults
}

/// Blocks that include nothing, and that nothing else checks.
fn typed(page: &Page) -> impl Iterator<Item = &Fence> {
    page.fences.iter().filter(|fence| {
        !CHECKED.contains(&fence.language()) && !fence.body.contains("{{#")
    })
}

/// A text without what differs between a page and a string in a program.
fn plain(text: &str) -> String {
    let text = text.replace("\\r", " ").replace("\\n", " ");
    // A string goes on in the next line after this.
    let text = text.replace("\\\n", " ").replace("\\\"", "\"");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first word that the program of a page does not know.
fn unknown(
    own: Option<&Package<'_>>,
    text: &str,
    other: &str,
) -> Option<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
    let is_of_number = |c: char| c.is_ascii_alphanumeric() || c == '…';
    let mut words = text
        .split(|c: char| !is_of_number(c) && c != '_')
        .filter(|word| word.len() > 1 && word.chars().all(is_part));
    let word = words.find(|word| {
        !has_word(other, word) && !own.is_some_and(|own| own.says(word))
    })?;
    Some(format!(
        "nothing that this page is about says {word}; correct it"
    ))
}
