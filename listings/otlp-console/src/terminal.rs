//! A trace as a tree with durations and bars, for a terminal.

mod bar;
mod columns;
mod paint;

use crate::{
    detail::{Detail, Remark, Shown},
    duration,
    golden::stand_in,
    model::{Span, Status},
    text::{counted, cut, escaped, fitted, width},
    trace::{Extent, Trace},
    tree::{Item, Layout, Row, Tree},
};
use columns::Columns;
use paint::{Paint, Palette, Tone};

/// Eight levels in a hundred columns leave a name as much room as they take.
const COLUMNS_PER_LEVEL: usize = 12;

/// How much of a trace has been shown before, in the order of arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) spans: usize,
    pub(crate) logs: usize,
}

/// Draws traces for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Width in columns.
    pub columns: usize,
    /// Whether it shows colours.
    pub color: bool,
}

impl Default for Terminal {
    /// 100 columns without colours.
    fn default() -> Self {
        Self {
            columns: 100,
            color: false,
        }
    }
}

impl Terminal {
    /// The trace as text: a heading, then a line for each span with its
    /// name, kind, service, duration, the time it ran within the trace, and
    /// what is worth knowing about it.
    pub fn render(&self, trace: &Trace) -> String {
        self.render_again(trace, None, "")
    }

    /// The same, with what came after `seen` marked as late, and a note in
    /// the heading.
    pub(crate) fn render_again(
        &self,
        trace: &Trace,
        seen: Option<Seen>,
        note: &str,
    ) -> String {
        let tree = Tree::new(trace, Layout::by_start());
        let deepest = self.columns / COLUMNS_PER_LEVEL;
        let rows = tree.rows(deepest);
        let drawing = Drawing {
            trace,
            extent: trace.extent(),
            depth: rows.iter().map(Row::depth).max().unwrap_or(0),
            deepest,
            seen,
            note,
            columns: Columns::new(self.columns, &rows),
            palette: Palette::new(&rows),
            paint: Paint { on: self.color },
        };
        let mut text = drawing.heading() + "\n";
        for row in &rows {
            text += &match row {
                Row::Item(lead, Item::Span(span, arrival)) => {
                    drawing.span(&lead.text, span, *arrival)
                }
                Row::Item(_, item) => drawing.stand_in(*item),
                Row::Remark(lead, remark) => drawing.remark(&lead.text, remark),
            };
            text.push('\n');
        }
        text
    }
}

struct Drawing<'t> {
    trace: &'t Trace,
    extent: Extent,
    depth: usize,
    deepest: usize,
    seen: Option<Seen>,
    note: &'t str,
    columns: Columns,
    palette: Palette<'t>,
    paint: Paint,
}

impl Drawing<'_> {
    fn heading(&self) -> String {
        let Trace {
            trace_id, spans, ..
        } = self.trace;
        let duration = duration::text(self.extent.total);
        let services = self.trace.services().len();
        let mut text = format!(
            "trace {trace_id}  {}, {}, {duration}",
            counted(spans.len(), "span"),
            counted(services, "service"),
        );
        if self.depth > self.deepest {
            let (depth, deepest) = (self.depth, self.deepest);
            text += &format!(", {depth} levels, {deepest} indented");
        }
        let late = self.seen.map(|_| "printed again");
        for note in late.into_iter().chain([self.note]) {
            if !note.is_empty() {
                text += &format!(", {note}");
            }
        }
        self.paint
            .toned(Tone::Heading, &cut(&text, self.columns.all))
    }

    fn span(&self, lead: &str, span: &Span, arrival: usize) -> String {
        let columns = &self.columns;
        let name = format!("{lead}{}", escaped(&span.name));
        let service = escaped(span.origin.service());
        let is_error = matches!(span.status, Status::Error(_));
        let color = self.palette.color(span.origin.service());
        let duration = duration::text(span.duration_nano());
        let mut cells = vec![
            fitted(&name, columns.name),
            fitted(&span.kind.to_string(), columns.kind),
        ];
        if columns.service > 0 {
            let service = fitted(&service, columns.service);
            cells.push(self.paint.colored(color, &service));
        }
        cells.push(format!("{duration:>width$}", width = columns::DURATION));
        if columns.bar > 0 {
            let bar = bar::text(self.extent, span, columns.bar);
            cells.push(match is_error {
                true => self.paint.toned(Tone::Error, &bar),
                false => self.paint.colored(color, &bar),
            });
        }
        cells.push(self.detail(span, arrival));
        cells.join("  ").trim_end().to_owned()
    }

    fn detail(&self, span: &Span, arrival: usize) -> String {
        let mut room = self.columns.detail;
        let mut cells = Vec::new();
        for (tone, word) in self.words(span, arrival) {
            let word = cut(&word, room);
            if !word.is_empty() {
                room = room.saturating_sub(width(&word) + 2);
                cells.push(self.paint.toned(tone, &word));
            }
        }
        cells.join("  ")
    }

    fn words(&self, span: &Span, arrival: usize) -> Vec<(Tone, String)> {
        let mut words = Vec::new();
        if self.seen.is_some_and(|seen| arrival >= seen.spans) {
            words.push((Tone::Notice, "late".to_owned()));
        }
        let Detail { facts, error } = Detail::new(span, &Shown::default());
        words.extend(error.map(|error| (Tone::Error, error)));
        words.extend(facts.into_iter().map(|fact| (Tone::Plain, fact)));
        if let Status::Error(description) = &span.status {
            words.push((Tone::Error, escaped(description).into_owned()));
        }
        words
    }

    fn stand_in(&self, item: Item<'_>) -> String {
        let id = match item {
            Item::MissingParent(id) => format!(" {id}"),
            _ => String::new(),
        };
        self.paint
            .toned(Tone::Notice, &format!("{}{id}", stand_in(item)))
    }

    fn remark(&self, lead: &str, remark: &Remark) -> String {
        let late = self
            .seen
            .zip(remark.arrival)
            .is_some_and(|(seen, arrival)| arrival >= seen.logs);
        let late = if late { "late " } else { "" };
        let tone = if remark.is_error {
            Tone::Error
        } else {
            Tone::Faint
        };
        let room = self.columns.all.saturating_sub(width(lead));
        let text = format!("{late}{}", remark.text);
        format!("{lead}{}", self.paint.toned(tone, &cut(&text, room)))
    }
}

#[cfg(test)]
mod tests;
