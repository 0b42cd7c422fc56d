use super::none_seen;
use crate::{Book, Fault, Page, Source, book::PAGES, html, source::resolve};

/// What tests and scripts write for the pages is on a page: golden traces,
/// results, contract tables, pictures.
///
/// Whether it is current is for the listing that writes it to test.
pub fn artefacts(book: &Book) -> Vec<Fault> {
    let shown = book.shown();
    let pictures: Vec<_> = book.pages.iter().flat_map(pictures).collect();
    let artefacts: Vec<_> = book
        .listings
        .iter()
        .filter(|file| is_artefact(file))
        .collect();
    let unseen = none_seen(artefacts.len(), "artefacts");
    artefacts
        .into_iter()
        .filter(|file| {
            let is_included = shown.iter().any(|(path, _)| *path == file.path);
            !is_included && !pictures.contains(&file.path)
        })
        .map(|file| {
            let what = format!(
                "no page of {PAGES} shows this file; include it, or remove \
                it and what writes it"
            );
            file.fault(1, what)
        })
        .chain(unseen)
        .collect()
}

fn is_artefact(file: &Source) -> bool {
    // The folder within its listing: a listing's own name means nothing here.
    let mut parts = file.path.rsplit('/').skip(1);
    let folder = parts.next().filter(|_| parts.count() >= 2);
    matches!(
        (folder.unwrap_or_default(), file.extension()),
        ("output" | "traces", "txt")
            | ("results" | "telemetry" | "generated", "md")
            | (_, "svg")
    )
}

/// The files that a page shows as pictures, in Markdown or in HTML.
fn pictures(page: &Page) -> Vec<String> {
    let tags = html::tags(&page.source.text);
    let from_html = tags.into_iter().filter_map(|tag| tag.target);
    let from_markdown = page.links.iter().map(|link| link.target.clone());
    from_html
        .chain(from_markdown)
        .filter_map(|target| resolve(&page.source.path, &target))
        .collect()
}
