use std::fmt::Write as _;

use crate::{
    Book, Fault, Source,
    book::PAGES,
    guides::{Guide, Listing, listings},
    summary::{Entry, entries},
};

/// What the front page includes.
const FRONT: &str = "listings/book/generated/guides.md";
/// What *How this book is tested* includes.
const OUTSIDE: &str = "listings/book/generated/outside.md";
/// The file on the forge, with a table between two comments.
const README: &str = "README.md";
pub(crate) const OPENS: &str =
    "<!-- The guides, by UPDATE_GOLDEN=1 cargo test -p book -->";
pub(crate) const CLOSES: &str = "<!-- End of the guides -->";

/// A file that is made, in whole or in part, from what listings declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// From the repository's root.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// Makes the tables of guides from the manifests of the listings, and from the
/// parts and titles of `SUMMARY.md`.
///
/// # Errors
///
/// When one of them lacks what a table shows.
pub fn guide_tables(book: &Book) -> Result<Vec<Made>, Fault> {
    let listings = listings(book)?;
    let told = told(book, &listings)?;
    let made = |path: &str, text: String| Made {
        path: path.to_owned(),
        text,
    };
    Ok(vec![
        made(FRONT, front(&told)),
        made(OUTSIDE, outside(&told)),
        made(README, readme(book, &told)?),
    ])
}

/// A folder of pages with all that tables say of it.
struct Told<'a> {
    listing: &'a Listing<'a>,
    folder: &'a Guide,
    is_guide: bool,
    /// The first page, and the part of the book.
    entry: Entry,
}

impl Told<'_> {
    /// The first page as the built site has it: mdBook renames no links in
    /// what a page includes.
    fn address(&self) -> String {
        let path = self.entry.path.as_deref().unwrap_or_default();
        let path = path.strip_prefix(PAGES).unwrap_or(path);
        let path = path
            .trim_start_matches('/')
            .replace("README.md", "index.md");
        path.replace(".md", ".html")
    }
}

/// In the order of `SUMMARY.md`.
fn told<'a>(
    book: &Book,
    listings: &'a [Listing<'a>],
) -> Result<Vec<Told<'a>>, Fault> {
    let mut all = Vec::new();
    for listing in listings {
        for folder in listing.folders() {
            let fault =
                |what: String| listing.manifest.fault(folder.line, what);
            let within = format!("{}/", folder.path());
            let is_in = |entry: &Entry| {
                let path = entry.path.as_deref().unwrap_or_default();
                path.starts_with(&within)
            };
            let entry = entries(&book.summary).into_iter().find(is_in);
            let entry = entry.ok_or_else(|| {
                fault(format!("SUMMARY.md lists no page of {within}"))
            })?;
            all.push(Told {
                listing,
                folder,
                is_guide: listing.guides.iter().any(|g| g.line == folder.line),
                entry,
            });
        }
    }
    all.sort_by_key(|told| told.entry.line);
    Ok(all)
}

/// A table for each part of the book. Writing to a `String` cannot fail.
fn front(told: &[Told<'_>]) -> String {
    let mut text = String::new();
    let mut part = "";
    for told in told.iter().filter(|told| told.is_guide) {
        if told.entry.part != part {
            let gap = if part.is_empty() { "" } else { "\n" };
            part = &told.entry.part;
            let _ = writeln!(
                text,
                "{gap}**{part}**\n\n| Guide | After it, you can |\n|---|---|"
            );
        }
        let (title, sentence) = (&told.entry.title, &told.folder.sentence);
        let _ =
            writeln!(text, "| [{title}]({}) | {sentence} |", told.address());
    }
    text
}

/// What is found from outside, a row for each listing that has such a check.
fn outside(told: &[Told<'_>]) -> String {
    let mut text = "| Program of | From outside |\n|---|---|\n".to_owned();
    for told in told {
        if let Some((_, outside)) = &told.listing.outside {
            let (title, address) = (&told.entry.title, told.address());
            let _ = writeln!(text, "| [{title}]({address}) | {outside} |");
        }
    }
    text
}

/// The README with a table of the guides between its two comments.
fn readme(book: &Book, told: &[Told<'_>]) -> Result<String, Fault> {
    let source = book.file(README).unwrap_or_else(|| Source {
        path: README.to_owned(),
        text: String::new(),
    });
    let parts = source
        .text
        .split_once(OPENS)
        .and_then(|(before, rest)| Some((before, rest.split_once(CLOSES)?.1)));
    let (before, after) = parts.ok_or_else(|| {
        let what = format!(
            "the table of guides has no place; add the lines `{OPENS}` and \
            `{CLOSES}`"
        );
        source.fault(1, what)
    })?;
    let mut table =
        "| Guide | Its listing | Watch it |\n|---|---|---|\n".to_owned();
    for told in told {
        let Listing {
            name, description, ..
        } = told.listing;
        let description = description.as_deref().unwrap_or_default();
        let _ = writeln!(
            table,
            "| [{}]({}) | [`{name}`](listings/{name}/): {} | \
            `scripts/demo {name}` |",
            told.entry.title,
            told.entry.path.as_deref().unwrap_or_default(),
            description.trim_end_matches('.')
        );
    }
    Ok(format!("{before}{OPENS}\n\n{table}\n{CLOSES}{after}"))
}
