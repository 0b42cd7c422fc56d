use crate::{Page, source::resolve};

/// A page as `SUMMARY.md` lists it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The line of `SUMMARY.md`.
    pub(crate) line: usize,
    /// What the sidebar calls it.
    pub(crate) title: String,
    /// The heading it stands under.
    pub(crate) part: String,
    /// The page, from the repository's root; `None` when the link is empty.
    pub(crate) path: Option<String>,
}

/// The entries of `SUMMARY.md`, in its order.
pub(crate) fn entries(summary: &Page) -> Vec<Entry> {
    summary
        .links
        .iter()
        .map(|link| Entry {
            line: link.line,
            title: link.text.clone(),
            part: summary
                .headings
                .iter()
                .rfind(|heading| heading.line < link.line)
                .map(|heading| heading.text.clone())
                .unwrap_or_default(),
            path: Some(link.target.as_str())
                .filter(|target| !target.is_empty())
                .and_then(|target| resolve(&summary.source.path, target)),
        })
        .collect()
}
