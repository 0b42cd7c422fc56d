use std::ops::RangeInclusive;

use super::none_seen;
use crate::{Book, Fault, Page, book::PAGES, page::Fence};

/// Lines of Markdown that make a page: more is two pages, less is none.
const LENGTH: RangeInclusive<usize> = 40..=350;

/// Every page has one title, a length to read in one sitting, diagrams that
/// can be heard as well as seen, and says where to go next.
pub fn shape(book: &Book) -> Vec<Fault> {
    let not_found = format!("{PAGES}/404.md");
    let fences = book.pages.iter().flat_map(|page| &page.fences);
    let unseen = none_seen(fences.filter(is_diagram).count(), "diagrams");
    book.pages
        .iter()
        .flat_map(|page| {
            let mut faults = title(page);
            faults.extend(diagrams(page));
            if page.source.path != not_found {
                faults.extend(length(book, page));
                faults.extend(next(page));
            }
            faults
        })
        .chain(unseen)
        .collect()
}

fn is_diagram(fence: &&Fence) -> bool {
    fence.language() == "mermaid"
}

fn title(page: &Page) -> Vec<Fault> {
    let mut titles = page.headings.iter().filter(|h| h.level == Some(1));
    if titles.next().is_none() {
        let what = "this page has no title; start it with `# Title`";
        return vec![page.source.fault(1, what)];
    }
    titles
        .map(|second| {
            let what = "this is a second title; make it a section with `##`";
            page.source.fault(second.line, what)
        })
        .collect()
}

fn diagrams(page: &Page) -> Vec<Fault> {
    page.fences
        .iter()
        .filter(is_diagram)
        .flat_map(|fence| {
            ["accTitle", "accDescr"]
                .iter()
                .filter(|word| {
                    let mut lines = fence.body.lines().map(str::trim_start);
                    !lines.any(|line| line.starts_with(*word))
                })
                .map(|word| {
                    let what = format!(
                        "this diagram says nothing to a screen reader; add a \
                        line `{word}: …`"
                    );
                    page.source.fault(fence.line, what)
                })
        })
        .collect()
}

/// The tables that a page includes count, for a reader sees them as well.
fn length(book: &Book, page: &Page) -> Vec<Fault> {
    let included = book.included_markdown(page);
    let included = included.iter().map(|file| file.text.lines().count());
    let lines = page.source.text.lines().count() + included.sum::<usize>();
    if LENGTH.contains(&lines) {
        return Vec::new();
    }
    let (least, most) = (LENGTH.start(), LENGTH.end());
    let what = format!(
        "this page has {lines} lines, and a page has {least} to {most}; join \
        it with another or split it"
    );
    vec![page.source.fault(1, what)]
}

/// The last section is called “Next” and holds a link.
fn next(page: &Page) -> Vec<Fault> {
    let last = page
        .headings
        .iter()
        .rfind(|heading| heading.level.is_some());
    let leads_on = last.is_some_and(|heading| {
        let mut links = page.links.iter();
        heading.text == "Next" && links.any(|link| link.line > heading.line)
    });
    if leads_on {
        return Vec::new();
    }
    let line = page.source.text.lines().count();
    let what = "the page does not say where to go next; end it with a \
        section `## Next {#next}` that has a link";
    vec![page.source.fault(line, what)]
}
