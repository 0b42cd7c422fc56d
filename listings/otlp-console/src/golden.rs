//! Golden traces: a rendering without what differs from run to run, and its
//! comparison with a file.

mod compare;

pub use compare::{Difference, assert_matches, check};

use crate::{
    detail::{Detail, Shown},
    model::Span,
    text::{escaped, padded as padded_to, width},
    trace::Trace,
    tree::{Item, Layout, Row, Tree},
};
use std::borrow::Cow;

/// Deeper spans are not moved further to the right.
const DEEPEST_INDENT: usize = 40;

/// Wider cells stand for themselves: one long name does not widen all lines.
const WIDEST_CELL: usize = 200;

/// Renders a trace so that every run of the same program gives the same
/// text: no times, durations, ids or ports.
///
/// A line is a span: its name in the tree, its kind, its service where more
/// than one took part, and then in short its HTTP status code, its database
/// system, the program's own attributes, its links and its error. Siblings
/// are in the order of their start; those that ran at the same time are in
/// the order of their text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Golden {
    shown: Shown,
}

impl Golden {
    /// Shows the attribute `name` too, although it is a standard one.
    pub fn show(mut self, name: &str) -> Self {
        self.shown.removed.remove(name);
        self.shown.added.insert(name.to_owned());
        self
    }

    /// Leaves the program's own attribute `name` out, because it differs
    /// from run to run.
    pub fn hide(mut self, name: &str) -> Self {
        self.shown.added.remove(name);
        self.shown.removed.insert(name.to_owned());
        self
    }

    /// The trace as text; every line ends with a line feed.
    pub fn render(&self, trace: &Trace) -> String {
        let with_service = trace.services().len() > 1;
        let layout = Layout {
            text: &|span| Cow::Owned(self.cells(span, with_service).join(" ")),
            concurrent_by_text: true,
        };
        let tree = Tree::new(trace, layout);
        let rows = tree.rows(DEEPEST_INDENT);
        let lines = rows.iter().map(|row| match row {
            Row::Item(lead, Item::Span(span, _)) => {
                let mut cells = self.cells(span, with_service);
                cells[0].insert_str(0, &lead.text);
                Line::Cells(cells)
            }
            Row::Item(_, item) => Line::Text(stand_in(*item).to_owned()),
            Row::Remark(lead, remark) => {
                Line::Text(format!("{}{}", lead.text, remark.text))
            }
        });
        aligned(&lines.collect::<Vec<_>>())
    }

    /// Several traces, sorted by their text, an empty line between them.
    pub fn render_all(&self, traces: &[Trace]) -> String {
        let mut texts: Vec<_> =
            traces.iter().map(|trace| self.render(trace)).collect();
        texts.sort();
        texts.join("\n")
    }

    fn cells(&self, span: &Span, with_service: bool) -> Vec<String> {
        let mut cells =
            vec![escaped(&span.name).into_owned(), span.kind.to_string()];
        if with_service {
            cells.push(escaped(span.origin.service()).into_owned());
        }
        cells.push(Detail::new(span, &self.shown).line());
        cells
    }
}

enum Line {
    Cells(Vec<String>),
    Text(String),
}

/// What a line says that stands for something not received.
pub(crate) fn stand_in(item: Item<'_>) -> &'static str {
    match item {
        Item::Span(..) => "",
        Item::MissingParent(_) => "(parent not received)",
        Item::Circle => "(each other's parents)",
        Item::MissingSpan => "(span not received)",
    }
}

fn aligned(lines: &[Line]) -> String {
    let mut widths = Vec::new();
    for line in lines {
        let Line::Cells(cells) = line else { continue };
        widths.resize(cells.len(), 0);
        for (column, cell) in widths.iter_mut().zip(cells) {
            let width = width(cell);
            if width <= WIDEST_CELL {
                *column = width.max(*column);
            }
        }
    }
    let mut text = String::new();
    for line in lines {
        match line {
            Line::Text(line) => text += line,
            Line::Cells(cells) => {
                let padded = cells.iter().zip(&widths);
                let padded: Vec<_> = padded
                    .map(|(cell, columns)| padded_to(cell, *columns))
                    .collect();
                text += padded.join("  ").trim_end();
            }
        }
        text.push('\n');
    }
    text
}
