//! Colours, which are never the only sign of anything.

use crate::tree::{Item, Row};
use anstyle::{AnsiColor, Style};
use std::collections::HashMap;

/// One a service, in turn; red is for errors.
const COLORS: [AnsiColor; 5] = [
    AnsiColor::Cyan,
    AnsiColor::Magenta,
    AnsiColor::Green,
    AnsiColor::Blue,
    AnsiColor::Yellow,
];

/// A colour for each service, in the order of their appearance.
pub(super) struct Palette<'t> {
    colors: HashMap<&'t str, AnsiColor>,
}

impl<'t> Palette<'t> {
    pub(super) fn new(rows: &[Row<'_, 't>]) -> Self {
        let mut colors = HashMap::new();
        for row in rows {
            if let Row::Item(_, Item::Span(span, _)) = row {
                let next = COLORS[colors.len() % COLORS.len()];
                colors.entry(span.origin.service()).or_insert(next);
            }
        }
        Self { colors }
    }

    pub(super) fn color(&self, service: &str) -> AnsiColor {
        self.colors.get(service).copied().unwrap_or(COLORS[0])
    }
}

/// What a piece of text means.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Plain,
    Heading,
    Faint,
    Notice,
    Error,
}

/// Wraps text in escape sequences, if they are wanted.
pub(super) struct Paint {
    pub(super) on: bool,
}

impl Paint {
    pub(super) fn toned(&self, tone: Tone, text: &str) -> String {
        let color =
            |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        let style = match tone {
            Tone::Plain => Style::new(),
            Tone::Heading => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Notice => color(AnsiColor::Yellow),
            Tone::Error => color(AnsiColor::Red),
        };
        self.styled(style, text)
    }

    pub(super) fn colored(&self, color: AnsiColor, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(color.into())), text)
    }

    fn styled(&self, style: Style, text: &str) -> String {
        match self.on {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }
}
