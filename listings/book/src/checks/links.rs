use percent_encoding::percent_decode_str;

use super::none_seen;
use crate::{Book, Fault, Page, book::PAGES, page::Link, source::resolve};

/// Every link finds its page, its file and its heading, and leaves the book
/// only by https.
pub fn links(book: &Book) -> Vec<Fault> {
    let all = || {
        let pages = std::iter::once(&book.summary).chain(&book.pages);
        pages.chain(&book.documents)
    };
    let links = all().flat_map(|page| &page.links);
    let inside = links.filter(|link| !has_scheme(&link.target));
    let unseen = none_seen(inside.count(), "links from page to page");
    all()
        .flat_map(|page| {
            let links = page.links.iter();
            let faults = links.flat_map(|link| check(book, page, link));
            faults.chain(in_text(page))
        })
        .chain(unseen)
        .collect()
}

fn check(book: &Book, page: &Page, link: &Link) -> Option<Fault> {
    let target = link.target.as_str();
    let fault = |what: String| Some(page.source.fault(link.line, what));
    if is_insecure(target) {
        return fault(format!("{target} is not encrypted; use https"));
    }
    if has_scheme(target) || target.is_empty() {
        return None;
    }
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let from = page.source.path.as_str();
    let is_inside = from.starts_with(PAGES);
    let file = match path {
        "" => Some(from.to_owned()),
        path => resolve(from, &decode(path)),
    };
    let file = file.filter(|file| !is_inside || file.starts_with(PAGES));
    let Some(file) = file else {
        return fault(format!(
            "{target} leads out of the book, where the site has no file; \
            link to the repository's https address"
        ));
    };
    // mdBook makes index.html of README.md, and does not rename it in links.
    let file = match file.strip_suffix("/index.html") {
        Some(folder) if book.page(&format!("{folder}/README.md")).is_some() => {
            format!("{folder}/README.md")
        }
        _ => file,
    };
    // mdBook makes the front page and the page for printing. The 404 page
    // links to the former by its final name: mdBook does not rename there.
    let is_made = ["index.html", "print.html"]
        .iter()
        .any(|name| file == format!("{PAGES}/{name}"));
    let exists = book.has_file(&file)
        || is_inside && is_made
        || !is_inside && book.root().join(&file).is_dir();
    if !exists {
        return fault(format!(
            "{target} leads to {file}, which does not exist; correct the \
            path, which starts at this file's folder"
        ));
    }
    if fragment.is_empty() {
        return None;
    }
    check_fragment(book, page, link, &file, &decode(fragment))
}

fn check_fragment(
    book: &Book,
    page: &Page,
    link: &Link,
    file: &str,
    id: &str,
) -> Option<Fault> {
    let mut documents = book.documents.iter();
    let known = book
        .page(file)
        .or_else(|| documents.find(|known| known.source.path == file))?;
    let heading = known.headings.iter().find(|heading| heading.id == id);
    let Some(heading) = heading else {
        let what = format!(
            "{file} has no heading with the id {id}; give one the mark \
            `{{#{id}}}` or correct the link"
        );
        return (!has_other_id(book, known, id))
            .then(|| page.source.fault(link.line, what));
    };
    // A term of a definition list cannot have an explicit id.
    let is_fixed = heading.is_explicit || heading.level.is_none();
    let is_other_page = file != page.source.path && file.starts_with(PAGES);
    (is_other_page && !is_fixed).then(|| {
        let what = format!(
            "{}:{} links to this heading, and rewording it would break the \
            link; add `{{#{id}}}` to it",
            page.source.path, link.line
        );
        known.source.fault(heading.line, what)
    })
}

/// Whether raw HTML or included Markdown brings the id to the page.
fn has_other_id(book: &Book, page: &Page, id: &str) -> bool {
    let included = book.included_markdown(page);
    let mut included = included.into_iter().map(Page::parse);
    page.html_ids.iter().any(|known| known == id)
        || included.any(|page| {
            let headings = page.headings.iter().map(|known| &known.id);
            headings.chain(&page.html_ids).any(|known| known == id)
        })
}

/// Addresses in prose, and links that name a definition that is not there.
fn in_text(page: &Page) -> Vec<Fault> {
    let undefined = page.undefined.iter().map(|(line, name)| {
        let what = format!(
            "no line defines the link [{name}]; add `[{name}]: ADDRESS` \
            below"
        );
        page.source.fault(*line, what)
    });
    let insecure = page.prose.iter().filter_map(|(line, text)| {
        let url = &text[text.find("http://")?..];
        let url = url.split_whitespace().next()?;
        let what = format!("{url} is not encrypted; use https");
        is_insecure(url).then(|| page.source.fault(*line, what))
    });
    undefined.chain(insecure).collect()
}

fn is_insecure(url: &str) -> bool {
    let host = url.strip_prefix("http://");
    host.is_some_and(|host| {
        !["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|local| host.starts_with(local))
    })
}

/// Whether an address starts with `https:`, `mailto:` or the like.
pub(super) fn has_scheme(target: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    target.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(is_part)
    })
}

/// Undoes percent-encoding.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
