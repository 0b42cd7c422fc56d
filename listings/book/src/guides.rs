use toml::{Spanned, de::DeValue};

use crate::{
    Book, Fault, Source,
    book::PAGES,
    manifest::{Manifest, manifests, parse_toml},
};

/// A listing, and what its `Cargo.toml` says of the pages that tell of it.
#[derive(Debug)]
pub(crate) struct Listing<'a> {
    pub(crate) manifest: &'a Source,
    /// The folder below `listings`, and the package.
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// `[package.metadata.guides]`.
    pub(crate) guides: Vec<Guide>,
    /// `example-of` in `[package.metadata]`: pages that are no guide.
    pub(crate) example_of: Option<Guide>,
    /// `outside` there: what its check from outside finds.
    pub(crate) outside: Option<(usize, String)>,
    /// `guide.sh`, by which scripts find it.
    pub(crate) script: Option<&'a Source>,
}

/// A folder of pages.
#[derive(Debug)]
pub(crate) struct Guide {
    /// The line that declares it.
    pub(crate) line: usize,
    /// Below `src/en`.
    pub(crate) folder: String,
    /// What its readers can do afterwards.
    pub(crate) sentence: String,
}

impl Guide {
    /// The folder, from the repository's root.
    pub(crate) fn path(&self) -> String {
        format!("{PAGES}/{}", self.folder)
    }

    /// Its first page.
    pub(crate) fn readme(&self) -> String {
        format!("{PAGES}/{}/README.md", self.folder)
    }
}

impl Listing<'_> {
    /// Whether its `guide.sh` has this function.
    pub(crate) fn offers(&self, function: &str) -> bool {
        let head = format!("{function}()");
        self.script.is_some_and(|script| {
            script.text.lines().any(|line| line.starts_with(&head))
        })
    }

    /// The folders of pages that tell of it, guides or not.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Guide> {
        self.guides.iter().chain(&self.example_of)
    }
}

/// All listings, by name.
pub(crate) fn listings(book: &Book) -> Result<Vec<Listing<'_>>, Fault> {
    let manifests = manifests(book)?;
    manifests.iter().map(|known| read(book, known)).collect()
}

fn read<'a>(
    book: &'a Book,
    manifest: &Manifest<'a>,
) -> Result<Listing<'a>, Fault> {
    let source = manifest.source;
    let top = parse_toml(source)?;
    let package = top.get("package").map(Spanned::as_ref);
    let metadata = package.and_then(|package| package.get("metadata"));
    let metadata = metadata.map(Spanned::as_ref);
    let text = |value: &Spanned<DeValue<'_>>| {
        let line = source.line_at(value.span().start);
        Some((line, value.as_ref().as_str()?.to_owned()))
    };
    let of_metadata = |key: &str| text(metadata?.get(key)?);
    let guides = metadata.and_then(|metadata| metadata.get("guides"));
    let guides = guides.and_then(|guides| guides.as_ref().as_table());
    let script = format!("listings/{}/guide.sh", manifest.listing);
    let mut script = book.listings.iter().filter(|file| file.path == script);
    Ok(Listing {
        manifest: source,
        name: manifest.listing.to_owned(),
        description: package
            .and_then(|package| text(package.get("description")?))
            .map(|(_, text)| text),
        guides: guides
            .into_iter()
            .flatten()
            .filter_map(|(folder, sentence)| {
                Some(Guide {
                    line: source.line_at(folder.span().start),
                    folder: folder.as_ref().to_string(),
                    sentence: text(sentence)?.1,
                })
            })
            .collect(),
        example_of: of_metadata("example-of").map(|(line, folder)| Guide {
            line,
            folder,
            sentence: String::new(),
        }),
        outside: of_metadata("outside"),
        script: script.next(),
    })
}
