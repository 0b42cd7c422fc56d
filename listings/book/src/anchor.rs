use std::collections::BTreeMap;

use crate::{Fault, Source};

/// A part of a file between `ANCHOR: name` and `ANCHOR_END: name`.
#[derive(Debug)]
pub(crate) struct Anchor<'a> {
    pub(crate) name: &'a str,
    /// The line that opens it.
    pub(crate) line: usize,
    /// Columns before its comment.
    pub(crate) indent: usize,
    /// What a page shows: the lines between, without those of other anchors.
    pub(crate) shown: Vec<(usize, &'a str)>,
}

/// The anchors of a file, and what is wrong with the way they open and close.
pub(crate) fn anchors(source: &Source) -> (Vec<Anchor<'_>>, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut open: BTreeMap<&str, Anchor<'_>> = BTreeMap::new();
    let mut closed: Vec<Anchor<'_>> = Vec::new();
    let sign = comment_sign(source.extension());
    for (number, line) in source.lines() {
        let Some(marker) = Marker::parse(line, sign) else {
            for anchor in open.values_mut() {
                anchor.shown.push((number, line));
            }
            continue;
        };
        let name = marker.name;
        if marker.opens {
            let mut known = open.values().chain(&closed);
            if let Some(first) = known.find(|anchor| anchor.name == name) {
                faults.push(source.fault(number, twice(name, first.line)));
            }
            open.entry(name).or_insert(Anchor {
                name,
                line: number,
                indent: marker.indent,
                shown: Vec::new(),
            });
        } else if let Some(anchor) = open.remove(name) {
            if anchor.indent != marker.indent {
                faults.push(source.fault(number, askew(name)));
            }
            closed.push(anchor);
        } else {
            faults.push(source.fault(number, never_opens(name)));
        }
    }
    faults
        .extend(open.into_values().map(|anchor| {
            source.fault(anchor.line, never_closes(anchor.name))
        }));
    (closed, faults)
}

fn twice(name: &str, first: usize) -> String {
    format!(
        "anchor `{name}` opens a second time (first in line {first}), and \
        mdBook shows only the first; give this one another name"
    )
}

fn askew(name: &str) -> String {
    format!(
        "anchor `{name}` closes at another column than it opens at; let it \
        wrap a whole item"
    )
}

fn never_opens(name: &str) -> String {
    format!(
        "anchor `{name}` closes here but is not open; remove this line or \
        add `ANCHOR: {name}` above"
    )
}

fn never_closes(name: &str) -> String {
    format!(
        "anchor `{name}` never closes, so mdBook shows the rest of the file; \
        add `ANCHOR_END: {name}`"
    )
}

/// A comment that opens or closes an anchor.
struct Marker<'a> {
    opens: bool,
    name: &'a str,
    indent: usize,
}

impl<'a> Marker<'a> {
    /// A comment with nothing before it; a string that holds one, as tests
    /// have, is no marker.
    fn parse(line: &'a str, sign: &str) -> Option<Self> {
        let comment = line.trim_start();
        let text = comment.strip_prefix(sign)?;
        // `///` and `//!` too.
        let text = text.trim_start_matches(['/', '!', ' ']);
        let (opens, name) = match text.strip_prefix("ANCHOR_END:") {
            Some(name) => (false, name),
            None => (true, text.strip_prefix("ANCHOR:")?),
        };
        Some(Self {
            opens,
            name: name.trim_end().trim_end_matches("-->").trim(),
            indent: line.len() - comment.len(),
        })
    }
}

/// How a comment starts in a kind of file.
fn comment_sign(extension: &str) -> &'static str {
    match extension {
        "js" | "mjs" | "proto" | "rs" => "//",
        "sql" => "--",
        "html" | "md" | "svg" => "<!--",
        _ => "#",
    }
}
