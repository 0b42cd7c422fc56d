use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use crate::{
    Page, Source, anchor::anchors, directive::directives, source::resolve,
};

/// Folder of the pages.
pub(crate) const PAGES: &str = "src/en";
/// Folder of the code that the pages show.
pub(crate) const LISTINGS: &str = "listings";

/// Kinds of files in `listings` that a page may show.
const SHOWN: [&str; 18] = [
    "conf", "css", "graphql", "html", "js", "json", "md", "mjs", "proto", "py",
    "rs", "sh", "sql", "svg", "toml", "txt", "yaml", "yml",
];
/// Folders that hold nothing of ours, or, as `fixtures`, other small books.
const SKIPPED: [&str; 3] = ["fixtures", "node_modules", "target"];

/// The repository of a book: its pages and the listings they show.
#[derive(Debug)]
pub struct Book {
    root: PathBuf,
    /// `src/en/SUMMARY.md`.
    pub(crate) summary: Page,
    /// All other Markdown files below `src/en`.
    pub(crate) pages: Vec<Page>,
    /// `README.md`, `CONTRIBUTING.md` and the like, read on the forge.
    pub(crate) documents: Vec<Page>,
    /// Text files below `listings`.
    pub(crate) listings: Vec<Source>,
}

/// Why a book cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A folder cannot be listed.
    #[error("cannot list the files of the book: {0}")]
    List(#[from] walkdir::Error),
    /// A file cannot be read as text.
    #[error("cannot read {path}: {error}; a book needs it as UTF-8 text")]
    Read {
        /// The file, from the repository's root.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

impl Book {
    /// Reads the book whose `book.toml` is in `root`.
    ///
    /// # Errors
    ///
    /// When `src/en/SUMMARY.md` is missing or a file is not UTF-8.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let root = root.into();
        let summary_path = format!("{PAGES}/SUMMARY.md");
        let summary = Page::parse(read(&root, &summary_path)?);
        let pages = files(&root, PAGES, usize::MAX, &["md"])?
            .into_iter()
            .filter(|source| source.path != summary_path)
            .map(Page::parse)
            .collect();
        let listings = files(&root, LISTINGS, usize::MAX, &SHOWN)?;
        let documents = files(&root, "", 1, &["md"])?
            .into_iter()
            .chain(listings.iter().filter(is_readme).cloned())
            .map(Page::parse)
            .collect();
        Ok(Self {
            root,
            summary,
            pages,
            documents,
            listings,
        })
    }

    /// Where the book is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The page at `path`, from the repository's root.
    pub(crate) fn page(&self, path: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.source.path == path)
    }

    /// Whether there is a file at `path`, from the repository's root.
    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// The text file at `path`, whether it is a listing or not.
    pub(crate) fn file(&self, path: &str) -> Option<Source> {
        self.listings
            .iter()
            .find(|source| source.path == path)
            .cloned()
            .or_else(|| Source::read(&self.root, path).ok())
    }

    /// The Markdown that a page includes: tables, mostly.
    pub(crate) fn included_markdown(&self, page: &Page) -> Vec<Source> {
        directives(&page.source)
            .iter()
            .filter(|directive| directive.path.ends_with(".md"))
            .filter_map(|directive| {
                let path = resolve(&page.source.path, directive.path)?;
                part(self.file(&path)?, directive.selector)
            })
            .collect()
    }

    /// Every file that a page shows, and the anchor if it shows a part.
    pub(crate) fn shown(&self) -> BTreeSet<(String, Option<String>)> {
        let mut shown = BTreeSet::new();
        for page in &self.pages {
            for directive in directives(&page.source) {
                let part = directive.selector.map(str::to_owned);
                if let Some(path) = resolve(&page.source.path, directive.path) {
                    shown.insert((path, part));
                }
            }
        }
        shown
    }
}

/// What a page shows of a file.
fn part(file: Source, anchor: Option<&str>) -> Option<Source> {
    let Some(name) = anchor else {
        return Some(file);
    };
    let (anchors, _) = anchors(&file);
    let anchor = anchors.into_iter().find(|anchor| anchor.name == name)?;
    let lines = anchor.shown.iter().map(|(_, line)| format!("{line}\n"));
    let text = lines.collect();
    let path = file.path.clone();
    Some(Source { path, text })
}

fn read(root: &Path, path: &str) -> Result<Source, OpenError> {
    Source::read(root, path).map_err(|error| OpenError::Read {
        path: path.to_owned(),
        error,
    })
}

fn is_readme(source: &&Source) -> bool {
    source.path.ends_with("/README.md")
}

/// The files of some kinds below `folder`, sorted by path.
fn files(
    root: &Path,
    folder: &str,
    depth: usize,
    extensions: &[&str],
) -> Result<Vec<Source>, OpenError> {
    let top = root.join(folder);
    if !top.exists() {
        return Ok(Vec::new());
    }
    let mut sources = Vec::new();
    for entry in WalkDir::new(top)
        .max_depth(depth)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !is_skipped(entry))
    {
        let entry = entry?;
        let extension = entry.path().extension().unwrap_or_default();
        if entry.file_type().is_file()
            && extensions.iter().any(|wanted| extension == *wanted)
        {
            sources.push(read(root, &relative(root, entry.path()))?);
        }
    }
    Ok(sources)
}

/// All text files of the repository at or below `path`, of any kind. What is
/// not there says nothing, and neither does a picture.
pub(crate) fn text_files(book: &Book, path: &str) -> Vec<Source> {
    WalkDir::new(book.root.join(path))
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| relative(&book.root, entry.path()))
        .filter(|path| !path.contains("/node_modules/"))
        .filter_map(|path| Source::read(&book.root, &path).ok())
        .collect()
}

fn is_skipped(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_other = name.starts_with('.') || SKIPPED.contains(&name.as_ref());
    entry.depth() > 0 && entry.file_type().is_dir() && is_other
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = path
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}
