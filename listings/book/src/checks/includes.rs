use super::none_seen;
use crate::{
    Book, Fault, Page, Source,
    anchor::{Anchor, anchors},
    directive::{Directive, directives},
    source::resolve,
};

/// A page is this wide, and so is the code on it.
const COLUMNS: usize = 80;

/// Every `{{#include}}` of a page finds its file and its anchor, stands where
/// mdBook expands it well, and shows Rust that fits the page.
///
/// mdBook 0.5.4 publishes the directive itself when the file is missing and
/// an empty block when the anchor is, and exits 0.
pub fn includes(book: &Book) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = 0;
    for page in &book.pages {
        for directive in directives(&page.source) {
            if directive.kind == "include" {
                seen += 1;
                faults.extend(check(book, page, &directive));
            } else if directive.kind != "title" {
                let what = format!(
                    "this book does not use `{{{{#{}}}}}`; write \
                    `{{{{#include FILE:anchor}}}}`",
                    directive.kind
                );
                faults.push(page.source.fault(directive.line, what));
            }
        }
    }
    faults.extend(none_seen(seen, "includes"));
    faults
}

fn check(book: &Book, page: &Page, directive: &Directive<'_>) -> Vec<Fault> {
    let fault = |what: String| page.source.fault(directive.line, what);
    if directive.is_indented {
        return vec![fault(format!(
            "`{}` is indented, and mdBook indents only its first line; start \
            it at column 0, outside the list",
            directive.text
        ))];
    }
    let file = match find_file(book, page, directive) {
        Ok(file) => file,
        Err(what) => return vec![fault(what)],
    };
    let (anchors, _) = anchors(&file);
    match find_anchor(&file, &anchors, directive) {
        Ok(None) => Vec::new(),
        Ok(Some(anchor)) => unfit(&file, anchor),
        Err(what) => vec![fault(what)],
    }
}

fn find_file(
    book: &Book,
    page: &Page,
    directive: &Directive<'_>,
) -> Result<Source, String> {
    let text = directive.text;
    let path = resolve(&page.source.path, directive.path).ok_or_else(|| {
        format!("`{text}` leads out of the repository; show only files of it")
    })?;
    book.file(&path).ok_or_else(|| {
        format!(
            "there is no text file {path}; correct the path in `{text}`, \
            which starts at the page's folder"
        )
    })
}

/// The part that the page asks for, or `None` for the whole file.
fn find_anchor<'a>(
    file: &Source,
    anchors: &'a [Anchor<'a>],
    directive: &Directive<'_>,
) -> Result<Option<&'a Anchor<'a>>, String> {
    let (text, path) = (directive.text, &file.path);
    let Some(name) = directive.selector else {
        return match anchors.first() {
            None => Ok(None),
            Some(Anchor { name, .. }) => Err(format!(
                "`{text}` shows the anchor comments of {path}; name the part \
                to show, such as `:{name}`"
            )),
        };
    };
    if name.starts_with(|c: char| c.is_ascii_digit() || c == ':') {
        return Err(format!(
            "`{text}` goes by line number, which the next edit of {path} \
            shifts; put an anchor there"
        ));
    }
    let found = anchors.iter().find(|anchor| anchor.name == name);
    found.map(Some).ok_or_else(|| {
        let names: Vec<_> = anchors.iter().map(|anchor| anchor.name).collect();
        format!(
            "`{text}` names an anchor that {path} lacks, and mdBook shows \
            nothing; it has: {}",
            names.join(", ")
        )
    })
}

/// What a page cannot show well.
fn unfit(file: &Source, anchor: &Anchor<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line) in &anchor.shown {
        if line.contains("{{#") {
            let what = "a page shows this line, and mdBook would carry out \
                the directive in it; build the text from two pieces";
            faults.push(file.fault(*number, what));
        }
        if file.extension() == "rs" && line.chars().count() > COLUMNS {
            let what = format!(
                "a page shows this line, which is longer than {COLUMNS} \
                columns; break it"
            );
            faults.push(file.fault(*number, what));
        }
    }
    faults
}
